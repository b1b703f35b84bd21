"""A running library and a browser for the tests marked `browser`; the others need nothing from here."""

import fcntl
import gc
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VALIDATOR = PROJECT / ".venv/vnu/node_modules/vnu-jar/build/dist/vnu.jar"
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Playwright's synchronous interface runs an event loop in this thread; Django would refuse its database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_finish():
    """What is loaded by now stays loaded: looking through it for garbage over and over was a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def missing(what: str, how: str) -> None:
    """Skip what can't run on this machine and say how to install it; with CI=true that is a failure."""
    message = f"{what} was not found, so this test did not run. {how}"
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)


@dataclass
class Site:
    """A library with the sample pages, served as `make run` serves it."""

    url: str
    data: Path
    password: str
    environment: dict = field(repr=False)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(command, cwd=PROJECT, env=self.environment, check=True, capture_output=True, text=True)

    def rows(self, sql: str, *parameters) -> list[tuple]:
        connection = sqlite3.connect(f"file:{self.data / 'library.sqlite3'}?mode=ro", uri=True)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    @property
    def article_id(self) -> int:
        return self.rows("SELECT id FROM articles_article WHERE slug = 'palliative-care-for-metastatic-breast-cancer'")[
            0
        ][0]

    def login(self, page) -> None:
        page.goto(f"{self.url}/admin/login/")
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Log in").click()


@contextmanager
def _made_once(tmp_path_factory, name: str):
    """A folder of this run that all its processes share, and that one of them at a time is in."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_TESTRUNUID" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def collected(tmp_path_factory) -> Path:
    """The static files as they are served, collected and compressed once for all processes of this run: it takes 15
    seconds. Symlink it to `static` in a DATA_DIR."""
    with _made_once(tmp_path_factory, "collected") as folder:
        if not (folder / "static/staticfiles.json").exists():
            environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "SECRET_KEY": "only-for-tests"}
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
            subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    return folder / "static"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> tuple[Path, str]:
    """The SQLite file of the sample library and the password of its administrator, made once for all processes of this run
    by the program that makes it everywhere. Copy it into a DATA_DIR."""
    with _made_once(tmp_path_factory, "prepared") as folder:
        said = folder / "said"
        if not said.exists():
            environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "SECRET_KEY": "only-for-tests"}
            command = [sys.executable, "manage.py", "prepare", "--sample-library"]
            done = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
            said.write_text(done.stdout)
    return folder / "library.sqlite3", re.search(r"password: +(\S+)", said.read_text())[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory, collected, prepared):
    data = tmp_path_factory.mktemp("library")
    library, password = prepared
    shutil.copyfile(library, data / library.name)
    (data / "static").symlink_to(collected)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY", "DEBUG"}
    }
    environment |= {
        "DJANGO_SETTINGS_MODULE": "library.settings",
        "DATA_DIR": str(data),
        "HTTPS": "false",
        "PORT": str(port),
        "WORKERS": "1",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    site = Site(f"http://127.0.0.1:{port}", data, password, environment)
    with (data / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for(f"{site.url}/healthz", server, data / "server.log")
            yield site
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).read()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        missing("Chromium", "Install it with: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # as long as playwright waits for anything else
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, site):
    """A page in a fresh browser profile. Whatever the test does, nothing foreign may be asked for, no script may
    fail and the Content Security Policy may not be broken."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on(
        "console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site.url, "data:", "blob:"))
            else problems.append(f"foreign request: {request.url}")
        ),
    )
    yield page
    context.close()
    assert problems == []


AXE_COLOURS = ["color-contrast", "link-in-text-block"]  # the rules whose answer may be another one in the dark
AXE_TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The lines are made in the page: to bring over all that axe says takes longer than to find it out.
FOUND_BY_AXE = """async ([options, explained]) => {
    await Promise.allSettled(document.getAnimations().filter(e => e instanceof CSSTransition).map(e => e.finished));
    const found = await axe.run({ ...options, resultTypes: ['violations', 'incomplete'] });
    const isExplained = (rule, node) =>
        explained.some(([name, selector]) => name === rule.id && document.querySelector(node.target[0]).matches(selector));
    const undecided = (explained ? found.incomplete : []).map(rule =>
        ({ ...rule, nodes: rule.nodes.filter(node => !isExplained(rule, node)) }));
    const lines = (rules, before) => rules.flatMap(rule => rule.nodes.map(node =>
        `${before}${rule.id}: ${node.html.slice(0, 160)} (${node.failureSummary})`));
    return [...lines(found.violations, ''), ...lines(undecided, 'undecided: ')];
}"""


def found_by_axe(page, *, rules=(), explained=None) -> list[str]:
    """What axe-core finds on a page against WCAG 2.2 A and AA, or by some `rules` only, one line each.

    With `explained`, a list of (rule, selector, why), what axe could not decide is found as well, unless it stands there.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    run_only = {"type": "rule", "values": rules} if rules else AXE_TAGS
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(FOUND_BY_AXE, [{"runOnly": run_only, "preload": False}, explained])


@pytest.fixture
def axe():
    return found_by_axe


@pytest.fixture
def validator(tmp_path):
    """The Nu HTML checker of the W3C: returns its complaints about pages of HTML."""
    if not shutil.which("java") or not VALIDATOR.exists():
        missing(
            "The HTML checker",
            "Install Java and npm (apt-get install default-jre-headless npm) and run `make test` again.",
        )

    def check(pages: dict[str, str]) -> list[str]:
        for name, html in pages.items():
            (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
        command = ["java", "-jar", VALIDATOR, "--errors-only", "--format", "gnu", *tmp_path.glob("*.html")]
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        return [line.removeprefix(f'"file:{tmp_path}/') for line in result.stderr.splitlines() if line]

    return check


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """A database for fixtures of a module: what they make is made once and is there in each of its tests, which undo only
    what they do themselves. Not for a module with tests that commit. Hand out what a test may change read anew."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def groups_of_the_migrations(django_db_setup, django_db_blocker):
    """What each group may do, as the migrations made it."""
    from django.contrib.auth.models import Group

    with django_db_blocker.unblock():
        return {group: list(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}


@pytest.fixture
def committing_db(groups_of_the_migrations, transactional_db):
    """A database in which several connections see each other's commits. It is emptied afterwards; on SQLite that
    needs the triggers of the ledgers out of the way for a moment; those of the search index stay, and empty it too. The
    test before may have emptied it of the groups."""
    from django.contrib.auth.models import Group, Permission
    from django.core.management import call_command
    from django.db import connection

    for group, codenames in groups_of_the_migrations.items():
        kept, _ = Group.objects.get_or_create(name=group.name)
        kept.permissions.set(Permission.objects.filter(codename__in=codenames))
    yield
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> 'articles_searchentry'"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        call_command("flush", interactive=False, verbosity=0)
        for _, sql in triggers:
            cursor.execute(sql)
