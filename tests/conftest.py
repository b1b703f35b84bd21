"""A running library and a browser for the tests marked `browser`; the others need nothing from here."""

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
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_CHROMIUM = "Chromium was not found, so the browser tests did not run. Install it with: apt-get install chromium"
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Playwright's synchronous interface runs an event loop in this thread; Django would refuse its database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    if CHROMIUM:
        return
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter):
    if any(NO_CHROMIUM in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(NO_CHROMIUM, yellow=True)


def pytest_sessionfinish(session, exitstatus):
    skipped = [item for item in session.items if "browser" in item.keywords] if not CHROMIUM else []
    if skipped and os.environ.get("CI") == "true":
        session.exitstatus = 1


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


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    data = tmp_path_factory.mktemp("library")
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
    }
    site = Site(f"http://127.0.0.1:{port}", data, "", environment)
    site.manage("collectstatic", "--noinput", "--verbosity=0")
    site.password = re.search(r"password: +(\S+)", site.manage("prepare", "--sample-library").stdout)[1]
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
    from playwright.sync_api import sync_playwright

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
