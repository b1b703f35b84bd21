"""A front and a keeper in this process, on the database of the test and a folder of its own, and a reader who asks them."""

import contextlib
import http.client
import io
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone

from library.ready.front import Front
from library.ready.keeper import Keeper
from library.ready.memory import Memory
from library.ready.mirror import Mirror
from tests.conftest import PROJECT

HOST = "localhost"
MIB = 1024 * 1024


class Clock:
    """What everything in this process takes for now."""

    def __init__(self, monkeypatch, now: datetime):
        self.now = now
        monkeypatch.setattr(time, "time", lambda: self.now.timestamp())
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def move(self, by: timedelta) -> None:
        self.now += by


class Ready:
    """`front.look()` and `keeper.step()` are called by the test, and not by a thread or a process."""

    def __init__(self, folder: Path, *, memory=64 * MIB):
        self.asked: list[str] = []  # the paths that Django was asked for
        self.folder = folder
        self.file = folder / "pages.sqlite3"
        django = WSGIHandler()

        def application(environ, start_response):
            self.asked.append(environ["PATH_INFO"])
            return django(environ, start_response)

        self.application = application
        self.memory = memory
        self.restart()

    def restart(self) -> None:
        """As new processes on the same folder."""
        memory, mirror = Memory(self.memory), Mirror(self.file)
        self.front = Front(self.application, memory=memory, mirror=mirror, active=2, waiting=2)
        self.keeper = Keeper(self.application, Mirror(self.file))
        self.keeper.rest = lambda seconds: None
        self.front.has_looked.set()

    def look(self) -> None:
        self.front.look()

    def keep(self) -> None:
        """Until the keeper has nothing to do."""
        self.keeper.step()
        self.keeper.step()

    def get(self, address: str, *, method="GET", host=HOST, scheme="https", **headers):
        return wsgi_get(self.front, address, method=method, host=host, scheme=scheme, **headers)


def wsgi_get(application, address: str, *, method="GET", host=HOST, scheme="https", **headers):
    """The status as a number, the headers in a dict by their lower-case names, and the body."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": host,
        "REMOTE_ADDR": "203.0.113.77",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    said = []
    response = application(environ, lambda status, headers, *_: said.extend((status, headers)))
    body = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    return int(said[0][:3]), {name.lower(): value for name, value in said[1]}, body


class Server:
    """`manage.py serve` as a process of its own, on a port of its own."""

    def __init__(self, environment: dict[str, str]):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            **environment,
            "HTTPS": "false",
            "PORT": str(self.port),
            "WORKERS": "1",
            "RUN_DUE_EVERY": "0",
        }
        self.log = Path(environment["DATA_DIR"]) / f"{self.port}.log"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "manage.py", "serve"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=self.environment, stdout=log, stderr=log)
        wait_until(lambda: self.get("/healthz")[0] == 200, f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def get(self, path: str, **headers) -> tuple[int, dict, bytes]:
        """Status 0 when nothing answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        except OSError:
            return 0, {}, b""
        finally:
            connection.close()

    def kept(self) -> set[str]:
        """The addresses in the mirror of this machine."""
        found = set()
        for path in Path(self.environment["DATA_DIR"]).glob("ready/*.sqlite3"):
            file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            with contextlib.suppress(sqlite3.OperationalError):  # it is being made
                found |= {key for (key,) in file.execute("SELECT key FROM page")}
            file.close()
        return found


def wait_until(is_so: Callable[[], bool], otherwise: str, *, seconds: float = 300) -> float:
    """How long it took; a test that waits in vain fails. The pages are made at the lowest priority, so on a machine that has
    much else to do that takes minutes."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            pytest.fail(otherwise)
        time.sleep(0.02)
    return time.monotonic() - began
