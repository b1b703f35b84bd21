"""SQLite as the store of one machine: writers and readers at once, and nobody is told that the database is locked."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from tests.conftest import PROJECT
from tests.processes import environment

SECONDS = os.environ.get("DRILL_SECONDS", "2")  # `make drill` sets 20
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
