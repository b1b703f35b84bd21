"""Makes the database ready: tables, a silent log, a first administrator, and on request the sample library."""

import secrets
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection

from library.ready.mirror import Mirror
from library.ready.release import mirror_path
from library.statement_log import silence

ONE_AT_A_TIME = 0x11B4A4  # the number of the lock in PostgreSQL; any that nobody else takes
READ_ONLY = (
    "This release has run here before and has kept its pages, so it starts with those: they can be read, nothing can be "
    "searched or written. It goes on by itself when the database answers."
)


def has_kept_pages() -> bool:
    """Of this very release: then the tables are as it needs them."""
    return mirror_path().exists() and Mirror(mirror_path()).position() is not None


def has_tables() -> bool:
    """An empty file may have been left by a process that looked for the one that is missing."""
    return (
        Path(connection.settings_dict["NAME"]).exists() and "articles_stamp" in connection.introspection.table_names()
    )


class Command(BaseCommand):
    help = "Brings the database up to date and creates a first administrator when there is none. Run it at every start."

    def add_arguments(self, parser):
        parser.add_argument(
            "--sample-library", action="store_true", help="load the sample library into an empty database"
        )

    def handle(self, *, sample_library, **options):
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        try:
            with alone_and_unhurried():
                self.make_ready(sample_library)
        except (OperationalError, InterfaceError) as error:
            if not has_kept_pages():
                raise CommandError(f"The database does not answer: {error}") from error
            self.stderr.write(f"The database does not answer: {error}\n{READ_ONLY}")

    def make_ready(self, sample_library: bool):
        self.migrate()
        if advice := silence():
            self.stderr.write(advice)
        if sample_library:
            call_command("load_sample_library", if_empty=True, stdout=self.stdout)
        self.create_first_administrator()

    def migrate(self):
        if connection.vendor == "sqlite" and has_kept_pages() and not has_tables():
            name = connection.settings_dict["NAME"]  # a new library in its place would hide that the old one is missing
            raise OperationalError(
                f"{name} is not there or empty. For a new library delete {settings.READY_DIR} as well."
            )
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)

    def create_first_administrator(self):
        """The password is random, printed here and nowhere else, and kept only as a hash."""
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(15)
        users.create_superuser("admin", password=password)
        self.stdout.write(
            "\nA first administrator was created. The password is shown this once: write it down, then change it.\n"
            f"    user name: admin\n    password:  {password}\n"
        )


@contextmanager
def alone_and_unhurried():
    """Of several machines that start at once one does it, and the others wait and find it done. A table of 50,000 pages may
    take longer to change than a reader would wait; a change that has to wait for others still gives up soon."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        cursor.execute("RESET lock_timeout")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
            cursor.execute("RESET statement_timeout")
