"""Keeps the mirror of public pages complete, so that they can be read without a database. The web server starts it."""

import os
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application

from library.ready.keeper import Keeper, alone, delete_old
from library.ready.mirror import Mirror
from library.ready.release import fingerprint, mirror_path
from library.ready.watching import use_own_connection

WAIT = 5  # seconds for the process that has the mirror now


class Command(BaseCommand):
    help = (
        "Keeps every public page on disk, ready to be read without a database: those that change are made anew within a "
        "second or two, the others when they are missing. It goes on until it is stopped, or until the process that started "
        "it is gone. One process a machine does it; others wait."
    )

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="make what is missing, and end")
        parser.add_argument("--parent", type=int, metavar="PID", help="the process that started it")

    def handle(self, *, once, parent, **options):
        def is_over() -> bool:
            return parent is not None and os.getppid() != parent

        if hasattr(os, "nice"):
            os.nice(max(0, 10 - os.nice(0)))  # `serve` starts it with 10 already
        while (lock := alone(settings.READY_DIR, fingerprint())) is None:
            if once:
                raise CommandError("Another process keeps these pages already, or the folder can't be written.")
            if is_over():
                return
            time.sleep(WAIT)
        with lock:
            delete_old(settings.READY_DIR, fingerprint())
            use_own_connection()
            keeper = Keeper(get_wsgi_application(), Mirror(mirror_path()))
            if not once:
                keeper.run(is_over)
                return
            if not keeper.complete():
                raise CommandError("The database does not answer, so no page could be made.")
