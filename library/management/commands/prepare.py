"""Makes the database ready: tables, a silent log, a first administrator, and on request the sample library."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from library.statement_log import silence


class Command(BaseCommand):
    help = "Brings the database up to date and creates a first administrator when there is none. Run it at every start."

    def add_arguments(self, parser):
        parser.add_argument(
            "--sample-library", action="store_true", help="load the sample library into an empty database"
        )

    def handle(self, *, sample_library, **options):
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        if advice := silence():
            self.stderr.write(advice)
        if sample_library:
            call_command("load_sample_library", if_empty=True, stdout=self.stdout)
        self.create_first_administrator()

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
