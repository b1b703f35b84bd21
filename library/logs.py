"""One log record is one line, so that nobody can write lines of their own into the log."""

import ipaddress
import logging
import os
import re
import secrets
import time
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from itertools import count

from django.conf import settings

# Names the request that is being answered, in the log and in the audit trail; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")


# The address of a private calendar is its password, and no log keeps passwords. Mistyped addresses are meant too.
SECRET_ADDRESS = re.compile(r"(?i)(?<=/calendar/)[^\s/]{20,}")


class OneLineFormatter(logging.Formatter):
    """Escapes control characters: a newline in an address or a name can't start a line of its own. What is secret in an
    address is left out, whichever logger was handed it."""

    def format(self, record: logging.LogRecord) -> str:
        message = SECRET_ADDRESS.sub("…", record.getMessage()).translate(CONTROL_CHARACTERS)
        line = logging.makeLogRecord({**record.__dict__, "msg": message, "args": None})
        return super().format(line)


CONTROL_CHARACTERS = {code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)]} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def client_address(request) -> str:
    """The address that a request came from. Behind a proxy it is the last that the proxy wrote down: those before it
    are the client's own words."""
    return _client_address(request.META)


def _client_address(environ: dict) -> str:
    if settings.BEHIND_PROXY and (forwarded := environ.get("HTTP_X_FORWARDED_FOR", "")):
        return forwarded.rpartition(",")[2].strip()[:45]
    return environ.get("REMOTE_ADDR", "")


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """The network an address is in: the first 24 bits of IPv4, the first 48 of IPv6; "-" when it is neither.

    A log that names whole addresses beside pages about illnesses would be a health record of its readers.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "-"
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False).network_address)


requests = logging.getLogger("library.requests")
STDERR = 2
_process = secrets.token_hex(4)
_numbers = count()


def line_of_request(environ: dict, status: str, seconds: float) -> None:
    """The line that library.middleware.request_log writes, for an answer that Django has no part in: written by hand,
    because the way through `logging` takes longer than the answer. The path is one of ours, so nothing needs an escape."""
    if not requests.isEnabledFor(logging.INFO):
        return
    now = time.time()
    line = (
        f"{_second(int(now))},{int(now % 1 * 1000):03} INFO library.requests {environ['REQUEST_METHOD']} "
        f"{environ['PATH_INFO']} {status} {seconds * 1000:.0f}ms {network_of(_client_address(environ))} "
        f"{_process}{next(_numbers) % 2**32:08x}\n"
    )
    with suppress(OSError):  # nobody reads it
        os.write(STDERR, line.encode())


@lru_cache(maxsize=1)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
