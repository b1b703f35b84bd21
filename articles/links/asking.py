"""Asking outside addresses whether they still answer: politely, within time limits, and never inside our own network.

The standard library and no package: the name of a host has to be resolved once, judged, and that very address connected
to, or a name server could answer “public” to the check and “private” to the connection (DNS rebinding). `requests`, `httpx`
and `urllib3` resolve names inside themselves, so each would have to be taken apart for the one thing that matters here;
`http.client` takes a socket that is connected already. No proxy is used, for the same reason.
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urljoin, urlsplit

from articles.addresses import MAX_LENGTH, is_safe_address
from articles.characters import clean
from articles.links.checking import Answer
from articles.models import LinkCheck

Verdict = LinkCheck.Verdict
TIMEOUT = 10.0  # seconds for each step: to connect, and for each piece of an answer
LONGEST = 30.0  # seconds for one request
MOST_REDIRECTS = 8
MOST_TRIED = 3  # addresses of one host
PAUSE = 1.0  # seconds between two requests to one host
HOSTS_WITHOUT_DOUBT = 3
WORKERS = 8  # hosts that are asked at the same time
FOR_GOOD = {301, 308}
REDIRECTS = {*FOR_GOOD, 302, 303, 307}
TURNED_AWAY = {401, 403, 429}
UNQUOTED = "/%:;=@&+$,!~*'()"

PRIVATE = "It leads to an address of a private network, which is not asked"
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """The address lies in a private network."""


class NoWayOut(Exception):
    """Not one host could be reached, so it is this machine that is cut off."""


class ComeLater(Exception):
    """The host said before that it is to be left alone (Retry-After)."""


class Asker:
    """`agent` is what servers are told of who asks. `pause` is in seconds. `private` lets it ask addresses of private
    networks: for tests, and for libraries inside a hospital's own network. `longest` is how many seconds one request may
    take, however slowly its answer drips."""

    def __init__(self, *, agent: str, private: bool, pause: float = PAUSE, longest: float = LONGEST):
        self.agent, self.private, self.pause, self.longest = agent, private, pause, longest
        self._locks: dict[str, threading.Lock] = {}
        self._asked_at: dict[str, float] = {}
        self._left_alone: set[str] = set()
        self._tls = ssl.create_default_context()

    def ask_all(self, addresses: Iterable[str]) -> Iterator[tuple[str, Answer]]:
        """Each address with its answer, as they come in. Addresses of one host are asked one after the other in their
        order, several hosts at the same time. Those of a host that wants to be left alone have no answer."""
        of_host = defaultdict(list)
        for address in addresses:
            of_host[_host(address)].append(address)
        waiting, answers = queue.SimpleQueue(), queue.Queue(maxsize=WORKERS)
        for queued in of_host.values():
            waiting.put(queued)
        workers = [threading.Thread(target=self._work, args=(waiting, answers), daemon=True) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        at_work = len(workers)
        while at_work:
            answered = answers.get()
            if answered is None:
                at_work -= 1
            else:
                yield answered

    def _work(self, waiting: queue.SimpleQueue, answers: queue.Queue) -> None:
        try:
            while True:
                for address in waiting.get_nowait():
                    try:
                        answers.put((address, self.ask(address)))
                    except ComeLater:
                        continue
        except queue.Empty:
            pass
        finally:
            answers.put(None)

    def ask(self, address: str) -> Answer:
        """What one address answers, after all redirects. Raises ComeLater when its host is to be left alone."""
        at, for_good = address, []
        for _ in range(MOST_REDIRECTS + 1):
            try:
                status, reason, location = self._look(at)
                after = urljoin(at, location.partition("#")[0]) if location else ""
            except Refused:
                return Answer(Verdict.UNKNOWN, PRIVATE)
            except (OSError, http.client.HTTPException, ValueError) as error:
                return Answer(Verdict.FAILING, _in_words(error), is_from_server=False)
            if status not in REDIRECTS:
                return _judged(status, reason, moved_to=at if for_good and all(for_good) else "")
            if not is_safe_address(after):
                return Answer(Verdict.FAILING, f"{status} {reason}: it leads on to no address that can be opened")
            for_good.append(status in FOR_GOOD)
            at = after
        return Answer(Verdict.FAILING, f"It leads on more than {MOST_REDIRECTS} times")

    def _look(self, address: str) -> tuple[int, str, str]:
        """The status of an address, its words, and where it leads on. Servers that know no HEAD are asked by GET, and
        what a HEAD was refused is true only when a GET is refused as well."""
        try:
            answer = self._request("HEAD", address)
        except (ConnectionResetError, http.client.HTTPException):
            return self._request("GET", address)
        return self._request("GET", address) if answer[0] >= 400 and answer[0] != 429 else answer

    def _request(self, method: str, address: str) -> tuple[int, str, str]:
        host = _host(address)
        with self._locks.setdefault(host, threading.Lock()):
            if host in self._left_alone:
                raise ComeLater
            time.sleep(max(0.0, self._asked_at.get(host, -self.pause) + self.pause - time.monotonic()))
            try:
                return self._request_now(method, address, host)
            finally:
                self._asked_at[host] = time.monotonic()

    def _request_now(self, method: str, address: str, host: str) -> tuple[int, str, str]:
        parts = urlsplit(address)
        name = host if ":" in host else host.encode("idna").decode()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(name, port)
        connection.default_port = 443 if parts.scheme == "https" else 80  # which the header Host leaves out
        connection.sock = sock = self._connected(name, port)
        cut_off = threading.Timer(self.longest, lambda: _cut(connection.sock))
        cut_off.daemon = True
        begun = time.monotonic()  # before the timer does, or what it cut off could look shorter than it was
        cut_off.start()
        try:
            if parts.scheme == "https":
                connection.sock = self._tls.wrap_socket(sock, server_hostname=name)
            target = quote(parts.path or "/", safe=UNQUOTED)
            if parts.query:
                target += f"?{quote(parts.query, safe=UNQUOTED + '?')}"
            connection.request(method, target, headers={"User-Agent": self.agent, "Accept": "*/*"})
            answer = connection.getresponse()
            if time.monotonic() - begun >= self.longest:  # cut off, which looks like the end of the answer
                raise TimeoutError
            if answer.status in {429, 503} and answer.headers["Retry-After"]:
                self._left_alone.add(host)
            location = (answer.headers["Location"] or "").encode("latin-1")
            reason = " ".join(clean(answer.reason).split())  # any bytes of a stranger, which PostgreSQL may refuse
            return answer.status, reason, quote(location, safe=UNQUOTED + "?#[]")
        finally:
            cut_off.cancel()
            connection.close()

    def _connected(self, name: str, port: int) -> socket.socket:
        """A connection to one of the addresses that the name has now, all of which were judged before."""
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        if not self.private and any(is_private(where[0]) for *_, where in found):
            raise Refused
        for family, kind, protocol, _, where in found[:MOST_TRIED]:
            sock = socket.socket(family, kind, protocol)
            sock.settimeout(TIMEOUT)
            try:
                sock.connect(where)
                return sock
            except OSError as error:
                sock.close()
                problem = error
        raise problem


def from_here(answers: Iterable[tuple[str, Answer]]) -> Iterator[tuple[str, Answer]]:
    """The answers, once any server has given one: before that it is not known whether this machine can reach anything.

    Raises NoWayOut, and lets none pass, when not one of at least three hosts was reached.
    """
    held, is_out = [], False
    for address, answer in answers:
        is_out = is_out or answer.is_from_server
        held.append((address, answer))
        if is_out:
            yield from held
            held = []
    if len({_host(address) for address, _ in held}) >= HOSTS_WITHOUT_DOUBT:
        raise NoWayOut
    yield from held


def is_private(address: str) -> bool:
    """Whether an IP address is anything but one of the public internet, also where an IPv6 address wraps an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_private(str(inner))
    return not ip.is_global or ip.is_multicast


def _judged(status: int, reason: str, *, moved_to: str) -> Answer:
    said = f"{status} {reason}".strip()
    if status in {404, 410}:
        return Answer(Verdict.GONE, said)
    if status >= 500:
        return Answer(Verdict.FAILING, said)
    if not 200 <= status < 300:
        turned_away = "It turns machines away" if status in TURNED_AWAY else "It gives machines no clear answer"
        return Answer(Verdict.UNKNOWN, f"{said}: {turned_away}")
    if moved_to and len(moved_to) <= MAX_LENGTH:
        return Answer(Verdict.MOVED, said, moved_to)
    return Answer(Verdict.FINE, said)


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"No secure connection can be made: {error.reason or 'it was broken off'}"
    if isinstance(error, socket.gaierror):
        unknown = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)}
        return "The name of its host is not known" if unknown else "The name of its host can’t be looked up now"
    if isinstance(error, TimeoutError):
        return "It did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "Its host refuses connections"
    if isinstance(error, OSError):
        return "The connection to its host was broken off"
    return "Its answer can’t be understood"


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _cut(sock: socket.socket) -> None:
    """End a request that drips on."""
    with contextlib.suppress(OSError):  # it has ended by itself
        sock.shutdown(socket.SHUT_RDWR)
