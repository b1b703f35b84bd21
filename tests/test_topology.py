"""What docker-compose.yml starts, started without containers: nginx with the shipped configuration, two web servers with a
folder each as if on two machines, and PostgreSQL. Readers come through nginx, over TLS, and read all the time."""

import contextlib
import http.client
import os
import re
import socket
import sqlite3
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import missing
from tests.nginx import HOST, Nginx
from tests.processes import Web, environment, manage, readers, wait_until
from tests.test_headers import EXPECTED, PUBLIC_POLICY
from tests.with_postgres import MISSING, Cluster, binaries, cluster

SECONDS = float(os.environ.get("DRILL_SECONDS", "2"))  # of reading around each event; `make drill` sets 20
ROUNDS = int(os.environ.get("DRILL_RELEASES", "1"))  # and 5
ARTICLE = "/articles/palliative-care-for-metastatic-breast-cancer/"
LIVE_PAGES = ["/", ARTICLE, "/topics/", "/topics/bone-scan/", "/kinds/test/", "/feeds/updates/", "/sitemap.xml"]
CHANGE = """
import time
from django.utils import timezone
from articles.models import Topic
from articles.people import Person
from articles.publishing import withdraw
topic = Topic.objects.get(slug="mri")
withdraw(topic, at=timezone.now(), by=Person("Ana Ruiz"), reason="Out of date.")
print("changed at", time.time())
"""


@dataclass
class Topology:
    folder: Path
    database: Cluster
    webs: list[Web]
    nginx: Nginx
    collected: Path
    machines: int = 0

    def add_machine(self) -> Web:
        """One more web server with nothing on its disk."""
        self.machines += 1
        data = self.folder / f"machine-{self.machines}"
        data.mkdir()
        (data / "static").symlink_to(self.collected)
        return Web(self.environment(data), log=self.folder / f"web-{self.machines}.log")

    def environment(self, data: Path) -> dict:
        return environment(
            data, self.database.url, ALLOWED_HOSTS=f"{HOST},127.0.0.1", HTTPS="true", BEHIND_PROXY="true", WORKERS="1"
        )

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.nginx.port), timeout=20)
        return self.nginx.trust.wrap_socket(plain, server_hostname=HOST)

    def ask(self, path: str, *, name=HOST, **headers: str) -> tuple[int, str, http.client.HTTPMessage | None]:
        """Status, text and headers of the answer to a reader who comes with a new connection; 0 when there was none."""
        connection = http.client.HTTPConnection(name)
        try:
            connection.sock = self.connect()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace"), answer.headers
        except (OSError, http.client.HTTPException) as error:
            return 0, repr(error), None
        finally:
            connection.close()

    def status(self, path: str = ARTICLE) -> int:
        return self.ask(path)[0]


@pytest.fixture(scope="module")
def library(tmp_path_factory, collected):
    if os.environ.get("DATABASE_URL"):
        pytest.skip("has a PostgreSQL of its own, so it runs in one half of the tests")
    if binaries() is None:
        missing("PostgreSQL", MISSING)
    folder = tmp_path_factory.mktemp("topology")
    with TemporaryDirectory(prefix="library-database-") as data, cluster(Path(data)) as database:
        library = Topology(folder, database, [], None, collected)
        manage(library.environment(folder), "prepare", "--sample-library")
        library.webs = [library.add_machine() for _ in range(2)]
        library.nginx = Nginx(folder, [web.port for web in library.webs])
        try:
            wait_until(lambda: library.status() == 200, seconds=20)
            yield library
        finally:
            library.nginx.stop()
            for web in library.webs:
                web.stop()


def test_the_entrance_lets_nobody_in_by_another_name_and_adds_nothing_to_a_page(library):
    status, html, headers = library.ask(ARTICLE)
    assert (status, "Palliative care" in html) == (200, True)
    assert {name: headers[name] for name in EXPECTED} == EXPECTED
    assert headers["Content-Security-Policy"] == PUBLIC_POLICY
    assert len(headers.get_all("Strict-Transport-Security")) == 1
    assert library.ask(ARTICLE, **{"If-None-Match": headers["ETag"]})[0] == 304
    assert library.ask(ARTICLE, **{"Accept-Encoding": "deflate, br;q=0.9, gzip;q=0"})[2]["Content-Encoding"] in (
        "br",
        None,
    )
    assert library.ask("/", name="evil.example")[0] == 0
    assert library.ask("/", **{"X-Forwarded-Host": "evil.example"})[1].count("evil.example") == 0
    plain = http.client.HTTPConnection("127.0.0.1", library.nginx.plain_port, timeout=10)
    plain.request("GET", "/topics/?letter=M", headers={"Host": HOST})
    assert plain.getresponse().headers["Location"] == f"https://{HOST}/topics/?letter=M"
    plain.close()


def test_static_files_are_hashed_compressed_immutable_and_safe(library):
    path = re.search(r'href="(/static/[^"]+\.css)"', library.ask("/")[1])[1]
    assert re.search(r"\.[0-9a-f]{12}\.css$", path)
    for encoding in ("br", "gzip"):
        status, _, headers = library.ask(path, **{"Accept-Encoding": encoding})
        assert (status, headers["Content-Encoding"]) == (200, encoding)
        assert "immutable" in headers["Cache-Control"]
        assert {name: headers[name] for name in EXPECTED} == EXPECTED
    assert library.ask("/media/anything.svg")[0] == 404  # there are no uploads


def test_the_log_of_nginx_knows_no_query_no_browser_no_address_and_no_secret(library):
    library.ask("/search/?q=hivtestterm", **{"User-Agent": "SecretBrowser"})
    library.ask("/calendar/abcdefghijklmnopqrstuvwxyz.ics")
    library.ask("/articles/a%0Aforged/")
    log = "\n".join(library.nginx.lines())
    assert re.search(r"^\S+ GET /search/ 200 \d+ [\d.]+s - 127\.0\.0\.0$", log, re.M)
    assert "/an-address-that-is-a-password 404" in log
    assert r"/articles/a\x0Aforged/" in log
    for private in ("hivtestterm", "SecretBrowser", "127.0.0.1", "abcdefghijkl"):
        assert private not in log
    assert (library.nginx.folder / "error.log").read_text() == ""


def test_whoever_asks_too_fast_is_told_so_and_holds_up_nobody_else(library):
    connections = [library.connect() for _ in range(60)]
    for connection in connections:
        connection.sendall(f"GET /search/?q=mri HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
    assert library.status() == 200
    answers = [connection.makefile("rb").read().decode() for connection in connections]
    refused = [answer for answer in answers if " 429 " in answer.splitlines()[0]]
    assert 10 <= len(refused) < 60
    assert all("Please wait" in answer and "nosniff" in answer and "no-store" in answer for answer in refused)


def test_fifty_slow_readers_hold_up_nobody(library):
    connections = [library.connect() for _ in range(50)]
    for connection in connections:
        connection.sendall(f"GET {ARTICLE} HTTP/1.1\r\nHost: {HOST}\r\n".encode())  # and no more
    assert [library.status() for _ in range(5)] == [200] * 5
    for connection in connections:
        connection.close()


def test_what_is_withdrawn_on_one_machine_is_gone_for_all_within_a_second(library):
    def read():
        began = time.time()
        status, html, _ = library.ask("/topics/mri/")
        return began, status, "Out of date." not in html

    with readers(read) as answers:
        time.sleep(SECONDS)
        changed_at = float(
            manage(library.environment(library.folder), "shell", "-c", CHANGE).rpartition("changed at")[2]
        )
        time.sleep(SECONDS)
    assert {status for _, status, _ in answers} == {200, 410}
    assert any("GET /topics/mri/ 200" in line and " HIT " in line for line in library.nginx.lines())
    late = [began - changed_at for began, _, is_old in answers if is_old and began > changed_at + 1]
    assert late == []


def test_no_reader_notices_that_a_web_server_dies(library):
    with readers(library.status) as statuses:
        time.sleep(SECONDS / 2)
        library.webs[0].kill()
        time.sleep(SECONDS)
    assert set(statuses) == {200}
    library.webs[0] = library.add_machine()
    library.nginx.serve([web.port for web in library.webs])
    library.nginx.reload()


def test_no_reader_notices_a_new_release(library):
    """New web servers first, then nginx is told, then the old ones are stopped."""
    with readers(library.status) as statuses:
        for _ in range(ROUNDS):
            time.sleep(SECONDS / 2)
            old, library.webs = library.webs, [library.add_machine() for _ in range(2)]
            library.nginx.serve([web.port for web in library.webs])
            library.nginx.reload()
            time.sleep(1)  # until the new workers of nginx have taken over
            for web in old:
                web.stop()
    assert len(statuses) > 20
    assert set(statuses) == {200}


def test_without_the_database_every_live_page_is_read_and_nothing_needs_a_hand_afterwards(library):
    for web in library.webs:
        wait_until(lambda web=web: set(LIVE_PAGES) <= pages_on_disk(web), seconds=300, every=0.5)
    library.database.stop()
    try:
        with readers(lambda: [library.status(path) for path in LIVE_PAGES]) as statuses:
            time.sleep(SECONDS)
            killed = library.webs[0]
            killed.kill()
            library.webs[0] = Web(library.environment(killed.data), log=killed.log, port=killed.port)
            time.sleep(SECONDS / 2)
        assert {status for each in statuses for status in each} == {200}
        behind_nginx = {"Host": HOST, "X-Forwarded-Proto": "https"}
        assert [library.webs[0].get(path, **behind_nginx)[0] for path in LIVE_PAGES] == [200] * len(LIVE_PAGES)
        status, html, _ = library.ask("/search/?q=mri")
        assert (status, "A to Z" in html) == (503, True)
        assert library.status("/readyz") == 503
        assert library.status("/healthz") == 200
    finally:
        library.database.start()
    wait_until(lambda: library.status("/readyz") == 200, seconds=10)
    wait_until(lambda: library.status("/search/?q=palliative") == 200, seconds=10)


def pages_on_disk(web: Web) -> set[str]:
    found = set()
    for file in (web.data / "ready").glob("*.sqlite3"):
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as mirror:
            found |= {key for (key,) in mirror.execute("SELECT key FROM page")}
    return found
