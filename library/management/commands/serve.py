"""Starts the web server, in place of this process, and beside it the job that carries out the schedule."""

import os
import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from library import env

THREADS = env.POOL_SIZE


class Command(BaseCommand):
    help = "Serves the library with Granian. HOST, PORT, WORKERS and RUN_DUE_EVERY come from the environment."

    def handle(self, **options):
        host = env.text("HOST", "127.0.0.1")
        port = env.number("PORT", default=8000, least=1, most=65535)
        workers = env.number("WORKERS", default=min(4, os.cpu_count() or 1), least=1, most=64)
        every = env.number("RUN_DUE_EVERY", default=60, least=0, most=3600)
        scheme = "https" if settings.HTTPS else "http"
        address = (
            f"{scheme}://{settings.ALLOWED_HOSTS[0] if settings.HTTPS else host}{'' if settings.HTTPS else f':{port}'}"
        )
        self.stdout.write(
            f"\nPatients read   {address}/\nEditors work at {address}/admin/\nStop the server with Ctrl-C.\n"
        )
        self.stdout.flush()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
        command += ["--workers", str(workers), "--respawn-failed-workers", "--no-ws", "--log-level", "error"]
        # As many threads as the pool of database connections of one process holds; more requests wait their turn.
        command += ["--blocking-threads", str(THREADS), "--backpressure", str(THREADS * 8), "library.wsgi:application"]
        if every:
            start_job(every)
        os.execv(sys.executable, command)


def start_job(every: int) -> None:
    """Run `run_due` every so many seconds for as long as this process lives: the web server takes its place and its id."""
    command = [sys.executable, sys.argv[0], "run_due", "--every", str(every), "--parent", str(os.getpid())]
    subprocess.Popen(command, stdin=subprocess.DEVNULL)
