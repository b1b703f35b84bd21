"""Patients read from a copy of the database while it is as fresh as the primary; staff and all writes use the primary."""

import os
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import missing
from tests.processes import Web, environment, manage, readers, wait_until
from tests.with_postgres import MISSING, Cluster, binaries, cluster

SEARCH = "/search/?q=mri"
FOUND = 'href="/topics/mri/"'
SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
user, session = get_user_model().objects.get(username="admin"), SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print("key", session.session_key)
"""
WITHDRAW = """
from django.utils import timezone
from articles.models import Topic
from articles.people import Person
from articles.publishing import withdraw
withdraw(Topic.objects.get(slug="mri"), at=timezone.now(), by=Person("Ana Ruiz"), reason="Out of date.")
"""


@pytest.fixture
def primary():
    if os.environ.get("DATABASE_URL"):
        pytest.skip("has a PostgreSQL of its own, so it runs in one half of the tests")
    if binaries() is None:
        missing("PostgreSQL", MISSING)
    with TemporaryDirectory(prefix="library-primary-") as folder, cluster(Path(folder)) as server:
        yield server


@pytest.fixture
def replica(primary):
    with TemporaryDirectory(prefix="library-replica-") as folder:
        server = Cluster(Path(folder), copy_of=primary)
        with (server.data / "postgresql.auto.conf").open("a") as settings:
            settings.write("log_statement = 'all'\n")
        server.start()
        yield server
        if server.is_running():
            server.stop()


def searches(server) -> int:
    """How many statements of a search this server has answered."""
    return (server.folder / "log").read_text(errors="replace").count("FROM articles_searchentry")


def test_reading_with_a_replica(primary, replica, collected, tmp_path):
    settings = environment(tmp_path, primary.url, WORKERS="1", DATABASE_REPLICA_URL=replica.url)
    (tmp_path / "static").symlink_to(collected)
    manage(settings, "prepare", "--sample-library")
    key = re.search(r"key (\w{32})", manage(settings, "shell", "-c", SIGN_IN))[1]
    staff = {"Cookie": f"sessionid={key}"}
    web = Web(settings, log=tmp_path / "web.log")
    try:
        # Reads go to the copy, writes and whoever has a session to the primary.
        wait_until(lambda: FOUND in web.get(SEARCH)[1] and searches(replica) > 0, seconds=10)
        before = searches(replica)
        assert FOUND in web.get(SEARCH, **staff)[1]
        assert searches(replica) == before
        report = {
            "method": "POST",
            "body": "sort=no_answer&words=Nothing",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        assert web.get("/report/", **report)[0] == 303
        assert primary.sql("SELECT count(*) FROM articles_readerreport") == "1"

        # A copy that lags shows nobody what was taken back; it is asked again when it has caught up.
        replica.sql("SELECT pg_wal_replay_pause()")
        manage(settings, "shell", "-c", WITHDRAW)
        assert replica.sql("SELECT count(*) FROM articles_withdrawal") == "0"
        assert FOUND not in web.get(SEARCH, **staff)[1]
        wait_until(lambda: FOUND not in web.get(SEARCH)[1], seconds=1)
        before = searches(replica)
        for _ in range(10):
            assert FOUND not in web.get(SEARCH)[1]
        assert searches(replica) == before
        replica.sql("SELECT pg_wal_replay_resume()")
        wait_until(lambda: web.get(SEARCH)[0] == 200 and searches(replica) > before, seconds=10)
        assert FOUND not in web.get(SEARCH)[1]

        # A copy that dies in the middle of their reading is noticed by nobody.
        with readers(lambda: web.get(SEARCH)[0]) as statuses:
            time.sleep(0.5)
            replica.stop()
            time.sleep(1.5)
        assert len(statuses) > 20
        assert set(statuses) == {200}
        before = searches(replica)
        replica.start()
        wait_until(lambda: web.get(SEARCH)[0] == 200 and searches(replica) > before, seconds=30)
    finally:
        web.stop()
