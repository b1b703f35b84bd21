"""A web server on this machine that answers as a test says: the other side of the check of links."""

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """`get_status` is the status of a GET when it differs from that of a HEAD, `reason` the words beside a status when
    they are not the usual ones; `drips` are seconds between two lines of its header, of which there are a hundred."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    get_status: int | None = None
    reason: str | None = None
    drips: float = 0.0
    breaks: bool = False


@dataclass
class Request:
    method: str
    path: str
    agent: str
    at: float
    referrer: str | None


class HttpServer(ThreadingHTTPServer):
    """`replies` has the answers by path; any other path is 404. `requests` are those that came."""

    daemon_threads = True

    def __init__(self, host: str):
        super().__init__((host, 0), _Handler)
        self.url = f"http://{host}:{self.server_address[1]}"
        self.replies: dict[str, Reply] = {}
        self.requests: list[Request] = []
        self.at_once = self.most_at_once = 0

    def asked(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.requests]


class _Handler(BaseHTTPRequestHandler):
    def answer(self):
        server = self.server
        headers = self.headers
        request = Request(self.command, self.path, headers["User-Agent"], time.monotonic(), headers["Referer"])
        server.requests.append(request)
        server.at_once += 1
        server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            with suppress(ConnectionError):  # who asked has hung up
                self.reply(server.replies.get(self.path, Reply(404)))
        finally:
            server.at_once -= 1

    do_HEAD = do_GET = answer

    def reply(self, reply: Reply):
        if reply.breaks:
            return
        status = reply.get_status if self.command == "GET" and reply.get_status else reply.status
        self.send_response(status, reply.reason)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        for number in range(100 if reply.drips else 0):
            self.send_header(f"X-{number}", "drip")
            self.flush_headers()
            time.sleep(reply.drips)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@contextmanager
def http_server(host: str = "127.0.0.1"):
    server = HttpServer(host)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
