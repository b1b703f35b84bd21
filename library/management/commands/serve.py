"""Starts the web server, in place of this process, and beside it the jobs that carry out the schedule and keep pages ready."""

import os
import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from library import env

# Beside those who ask Django, and those who wait for it, there are always threads for the pages that are ready.
THREADS = settings.DJANGO_AT_ONCE + settings.DJANGO_WAITING + 8


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
        command += ["--blocking-threads", str(THREADS), "--backpressure", str(THREADS), "library.wsgi:application"]
        # A worker that is told to stop while it starts may miss it.
        command += ["--workers-kill-timeout", "10"]
        if every:
            start("run_due", "--every", str(every))
        if settings.READY_MEMORY_MIB:
            start("keep_ready", nice=10)  # from its first moment on, so that the web server is there first
        os.execv(sys.executable, command)


def start(*job: str, nice=0) -> None:
    """A job beside the web server, for as long as this process lives: the web server takes its place and its id."""
    command = [sys.executable, sys.argv[0], *job, "--parent", str(os.getpid())]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=(lambda: os.nice(nice)) if nice else None)
