"""Web servers of the library as processes of their own, and readers that come to them."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import PROJECT


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """What a process of the library needs; the schedule is left to others."""
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "only-for-tests",
        "HTTPS": "false",
        "RUN_DUE_EVERY": "0",
        **more,
    }


def manage(environment: dict, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Web:
    """`manage.py serve` on a port of 127.0.0.1, which answers when this returns."""

    def __init__(self, environment: dict, *, log: Path, port: int | None = None):
        self.port, self.log, self.data = port or free_port(), log, Path(environment["DATA_DIR"])
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=PROJECT,
                env={**environment, "PORT": str(self.port)},
                stdout=output,
                stderr=output,
            )
        try:
            wait_until(lambda: self.get("/healthz")[0] == 200, seconds=120)
        except BaseException:
            self.stop()
            print(log.read_text())
            raise

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return get(self.port, path, **headers)

    def stop(self):
        """As an engine of containers does: SIGTERM, and what is being answered is answered."""
        self.process.terminate()
        self.process.wait(timeout=60)

    def kill(self):
        """kill -9 for the whole of it; Granian's workers are children of their own."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in [self.process.pid, *map(int, children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.wait(timeout=30)


def get(port: int, path: str, *, method="GET", body=None, **headers: str) -> tuple[int, str]:
    """Status and text of an answer over a connection of its own; 0 and the error when there was none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Host": "127.0.0.1", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        connection.close()


def wait_until(true, *, seconds: float, every=0.05) -> float:
    """How many seconds it took until it was true; a failure of the test when it was not in time."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > seconds:
            pytest.fail(f"not true within {seconds} seconds")
        time.sleep(every)
    return time.monotonic() - started


@contextmanager
def readers(read, *, number=4) -> Iterator[list]:
    """So many readers who read again and again until the block ends; the list has what `read` returned to them."""
    answers, over = [], threading.Event()

    def go_on():
        while not over.is_set():
            answers.append(read())

    threads = [threading.Thread(target=go_on, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)
