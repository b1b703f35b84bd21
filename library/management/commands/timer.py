"""Starts the jobs that are due, for machines on which the web server doesn't: one of them for a library is enough.

Several do no harm: each job does each thing once, however many run. A day that was missed is made up for at the start.
"""

import os
import signal
import subprocess
import sys
import threading
from datetime import date, datetime, time
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

DAILY = {"check_links": time(3), "send_review_digest": time(6)}  # by the clocks of the site
EVERY_MINUTE = ["run_due", "--every", "60"]
LOOK_EVERY = 5  # seconds
ALIVE = Path("/tmp/timer")  # touched at every look, for the health check of docker-compose.yml


class Command(BaseCommand):
    help = "Runs run_due every minute, check_links at 03:00 and send_review_digest at 06:00, until it is stopped."

    def handle(self, **options):
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        running: dict[str, subprocess.Popen] = {}
        begun: dict[str, date] = {}
        while not stopped.is_set():
            ALIVE.touch()
            now = timezone.localtime()
            for job in [name for name in due(now, begun) if not is_at_work(running.get(name))]:
                begun[job] = now.date()
                running[job] = start(job)
            if not is_at_work(running.get("run_due")):
                running["run_due"] = start(*EVERY_MINUTE, "--parent", str(os.getpid()))
            stopped.wait(LOOK_EVERY)
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()


def due(now: datetime, begun: dict[str, date]) -> list[str]:
    """The daily jobs whose time has come today and that were not begun since midnight."""
    return [job for job, moment in DAILY.items() if now.time() >= moment and begun.get(job) != now.date()]


def is_at_work(process: subprocess.Popen | None) -> bool:
    return process is not None and process.poll() is None


def start(*job: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, sys.argv[0], *job], stdin=subprocess.DEVNULL)
