"""Pages that are ready, with the web servers, the keepers and the database as processes of their own."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction

from articles.models import Edition
from articles.publishing import withdraw
from tests.builders import ANA, NOON, a_topic, an_article, publish, published, with_see_also
from tests.conftest import PROJECT
from tests.ready_pages import Server, wait_until
from tests.runners import environment
from tests.with_postgres import Cluster

PAGE = "/articles/coping-with-nausea/"


@pytest.fixture
def folder(tmp_path, collected) -> Path:
    """The data of a machine, with the static files of this release."""
    (tmp_path / "static").symlink_to(collected)
    return tmp_path


@pytest.fixture
def library(committing_db):
    topic = a_topic("Nausea")
    published(with_see_also(an_article(), [topic]))
    return topic


@pytest.fixture
def servers(library, folder):
    """Two web servers over one database: on SQLite they share a machine and its mirror."""
    shared = environment(folder)
    started = [Server(shared), Server(shared)]
    yield started
    for server in started:
        server.stop()


def is_complete(server: Server) -> bool:
    """The mirror is filled in this order; the last page but the ones that have moved."""
    return f"{PAGE}see-also/" in server.kept()


def test_a_change_is_seen_by_another_process_at_once(servers, library):
    """And nothing else is made anew. How long it took is printed: a second is promised, and the machine of the tests is busy."""
    one, other = servers
    wait_until(lambda: is_complete(other), "the mirror was not filled")
    article = Edition.objects.get().article
    for server in servers:
        assert server.get(PAGE)[0] == 200
    article.sections.update(body="<p>New advice.</p>")
    publish(article, note="New.")
    took = [
        wait_until(lambda server=server: b"New advice." in server.get(PAGE)[2], "not seen", seconds=15)
        for server in servers
    ]
    withdraw(article, at=NOON, by=ANA, reason="It was wrong.")
    took += [
        wait_until(lambda server=server: server.get(PAGE)[0] == 410, "still there", seconds=15) for server in servers
    ]
    took.append(wait_until(lambda: b"Coping" not in one.get("/topics/nausea/")[2], "still linked", seconds=15))
    print(f"seen after {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    assert max(took) < float(os.environ.get("DRILL_SEEN_WITHIN", 10))


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no locks that a reader waits for")
def test_readers_of_ready_pages_don_t_wait_for_a_slow_database(servers, library):
    """The tables are locked, so each question to the database takes until its own patience ends; as many readers search as a
    process has threads for Django, and more."""
    server = servers[0]
    wait_until(lambda: is_complete(server), "the mirror was not filled")
    for page in (PAGE, "/topics/nausea/"):  # the server may not have looked since the keeper was done
        server.get(page)
    answers = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE articles_searchentry, articles_edition, articles_topic IN ACCESS EXCLUSIVE MODE")
        searches = [
            threading.Thread(target=lambda: answers.append(server.get("/search/?q=nausea")[0])) for _ in range(80)
        ]
        for search in searches:
            search.start()
        for _ in range(50):
            assert server.get(PAGE)[0] == 200
            assert server.get("/topics/nausea/")[0] == 200
        still_waiting = sum(search.is_alive() for search in searches)
        for search in searches:
            search.join(60)
    assert still_waiting > 0, "the readers waited until the searches were over"
    assert set(answers) <= {503}
    wait_until(lambda: server.get("/search/?q=nausea")[0] == 200, "search did not come back")


class Database:
    """A database of its own, which can be taken away."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.cluster = None
        if connection.vendor == "postgresql":
            self.of_the_cluster = tempfile.TemporaryDirectory(prefix="library-postgres-")  # which its user may enter
            self.cluster = Cluster(Path(self.of_the_cluster.name))
            self.cluster.start()
        self.url = self.cluster.url if self.cluster else f"sqlite:///{folder}/library.sqlite3"

    def close(self) -> None:
        if self.cluster:
            with contextlib.suppress(subprocess.CalledProcessError):  # it is away
                self.cluster.stop()
            self.of_the_cluster.cleanup()

    def take_away(self) -> None:
        if self.cluster:
            self.cluster.stop()
        else:
            (self.folder / "away").mkdir(exist_ok=True)
            for file in self.folder.glob("library.sqlite3*"):
                file.rename(self.folder / "away" / file.name)

    def bring_back(self) -> None:
        if self.cluster:
            self.cluster.start()
        else:
            for file in self.folder.glob("library.sqlite3*"):
                file.unlink()
            for file in (self.folder / "away").iterdir():
                shutil.move(file, self.folder)


FILLED = "from tests.builders import *; published(with_see_also(an_article(tags=['pain']), [a_topic('Nausea')]))"
READABLE = [
    "/", "/topics/", "/topics/?letter=N", "/topics/nausea/", "/kinds/in-depth/", "/tags/pain/", "/freshness/", "/feeds/updates/",
    "/sitemap.xml", "/sitemap-articles-1.xml", "/robots.txt", PAGE, f"{PAGE}see-also/",
]  # fmt: skip


def manage(*arguments: str, environment: dict) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)


def test_patients_read_while_the_database_is_off(folder):
    """Also from a process that starts meanwhile. Everything else is told so calmly, and when it comes back nobody does anything."""
    database = Database(folder)
    settings = {**environment(folder), "DATABASE_URL": database.url, "ALLOWED_HOSTS": "127.0.0.1,localhost"}
    try:
        manage("prepare", environment=settings)
        manage("shell", "--no-imports", "-c", FILLED, environment=settings)
        manage("keep_ready", "--once", environment={**settings, "SITE_URL": "http://localhost"})
        server = Server({**settings, "SITE_URL": "http://localhost"})
        try:
            before = {address: server.get(address)[2] for address in READABLE}
            for round_ in ("running", "started meanwhile"):
                if round_ == "running":
                    database.take_away()
                else:
                    server.stop()
                    manage("prepare", environment=server.environment)  # as `make run` does
                    server.start()
                wait_until(lambda: server.get("/readyz")[0] == 503, "nobody noticed")
                for address in READABLE:
                    assert server.get(address)[::2] == (200, before[address]), (round_, address)
                    assert server.get(address, Cookie="theirs=1")[0] == 200
                assert server.get("/healthz")[0] == 200
                assert connection.vendor.encode() in server.get("/readyz")[2]
                for address, says in [
                    ("/search/?q=nausea", b'href="/topics/"'),
                    ("/articles/never-was/", b'href="/topics/"'),
                    ("/admin/", b"database"),
                ]:
                    status, headers, body = server.get(address)
                    assert (status, headers["cache-control"], says in body) == (503, "no-store", True), address
                    assert int(headers["retry-after"]) > 0
                    assert "content-security-policy" in headers
            database.bring_back()
            wait_until(lambda: server.get("/search/?q=nausea")[0] == 200, "search did not come back")
            assert server.get("/readyz")[0] == 200
            assert server.get("/articles/never-was/")[0] == 404
        finally:
            server.stop()
    finally:
        database.close()
