"""SQLite as the store of one machine: writers and readers at once, and nobody is told that the database is locked."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.utils import timezone

from library.ready.rendering import ask
from tests.conftest import PROJECT
from tests.processes import environment

SECONDS = os.environ.get("DRILL_SECONDS_OF_WRITING", "2")  # `make drill` sets more than a writer waits (library/env.py)
WRITERS, READERS = 4, 4  # processes; each process of readers has four threads


def test_four_writers_and_sixteen_readers_never_find_the_database_locked(collected, prepared, tmp_path):
    if os.environ.get("DATABASE_URL"):
        pytest.skip("is about SQLite")
    settings = environment(tmp_path, f"sqlite:///{tmp_path}/library.sqlite3")
    (tmp_path / "static").symlink_to(collected)
    shutil.copyfile(prepared[0], tmp_path / "library.sqlite3")
    # They begin together, eight seconds from now: as long as it takes to start them.
    start = [sys.executable, "-m", "tests.sqlite_load", str(time.time() + 8), SECONDS]
    processes = [
        subprocess.Popen(
            [*start, role], cwd=PROJECT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for role in ["write"] * WRITERS + ["read"] * READERS
    ]
    outputs = [process.communicate(timeout=float(SECONDS) + 120) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), "".join(error for _, error in outputs)
    written, read = (
        sum(int(out) for (out, _), process in zip(outputs, processes, strict=True) if process.args[-1] == role)
        for role in ("write", "read")
    )
    assert written >= WRITERS
    assert read >= READERS * 4


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite")
def test_requests_share_a_connection_for_some_seconds(committing_db):
    application, opened = WSGIHandler(), []
    for _ in range(3):
        assert ask(application, "/topics/", at=timezone.now()).status == "200 OK"
        opened.append(connection.connection)
        if len(opened) == 2:
            connection.close_at -= 5
    assert opened[0] is opened[1] is not opened[2]
    assert None not in opened
