"""Runners as processes of their own, three at a time, killed in the middle of their work: the drill of the schedule."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.conftest import PROJECT

RUN_DUE = [sys.executable, "manage.py", "run_due"]
NAIVE = [sys.executable, "-m", "tests.naive_runner"]
LONGEST_DELAY = 0.05  # seconds: one thing and a half


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a process needs to work on the database of the test."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "library.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only-for-tests",
        "HTTPS": "false",
        **more,
    }


def database_url() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(settings['NAME']))}"
    user, password, host = (quote(settings[name], safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    if settings["HOST"].startswith("/"):
        return f"postgres://{user}@{port}/{settings['NAME']}?host={settings['HOST']}"
    return f"postgres://{user}:{password}@{host}{port}/{settings['NAME']}"


@contextmanager
def slow_audit_trail(seconds: float):
    """Every entry of the audit trail takes about so long, so that several runners are at work at once and a kill lands
    inside a transaction and not between two."""
    if connection.vendor == "sqlite":
        work = f"SELECT length(hex(randomblob({int(seconds * 175_000_000)})));"
        create = [f"CREATE TRIGGER drill_slow AFTER INSERT ON articles_auditentry BEGIN {work} END"]
        drop = ["DROP TRIGGER drill_slow"]
    else:
        body = f"BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END"
        create = [
            f"CREATE FUNCTION drill_slow() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
            "CREATE TRIGGER drill_slow AFTER INSERT ON articles_auditentry FOR EACH ROW EXECUTE FUNCTION drill_slow()",
        ]
        drop = ["DROP TRIGGER drill_slow ON articles_auditentry", "DROP FUNCTION drill_slow()"]
    with connection.cursor() as cursor:
        for statement in create:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in drop:
                cursor.execute(statement)


@dataclass
class Runner:
    """It is to be killed some seconds (`delay`) after it has written so many lines (`life`), one for each thing done."""

    command: list[str]
    environment: dict[str, str]
    output: Path
    life: int
    delay: float
    dies_at: float | None = field(default=None, init=False)

    def __post_init__(self):
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command, cwd=PROJECT, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )

    def is_at_work(self) -> bool:
        return self.process.poll() is None

    def is_to_die(self) -> bool:
        if self.dies_at is None and self.output.read_bytes().count(b"\n") >= self.life:
            self.dies_at = time.monotonic() + self.delay
        return self.dies_at is not None and time.monotonic() >= self.dies_at

    def kill(self) -> bool:
        """kill -9; whether it was still at work."""
        self.process.kill()
        return self.process.wait() == -signal.SIGKILL


def drill(
    command: list[str], environment: dict[str, str], folder: Path, *, things: int, kills: int, runners: int = 3
) -> int:
    """Keep some runners at work on so many things, kill as many of them at random moments of their work and put another
    in the place of each; then let those that are left come to their end. Returns how many were killed at work."""
    chance = random.Random(kills)
    longest_life = max(1, things * 3 // 4 // kills)  # so that the work isn't done before the last kill
    numbers = iter(range(10_000))

    def start() -> Runner:
        output = folder / f"runner-{next(numbers)}"
        return Runner(command, environment, output, chance.randint(1, longest_life), chance.uniform(0, LONGEST_DELAY))

    working, killed = [start() for _ in range(runners)], 0
    try:
        while killed < kills and any(runner.is_at_work() for runner in working):
            for place, runner in enumerate(working):
                if killed < kills and runner.is_at_work() and runner.is_to_die():
                    killed += runner.kill()
                    working[place] = start()
            time.sleep(0.002)
        for runner in working:
            runner.process.wait(timeout=300)
    finally:
        for runner in working:
            runner.process.kill()
    return killed
