"""Pages that are ready, and the same page cold, against everybody else: rates at 16 connections, times at one."""

import gzip
import json
import os
import subprocess
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.load import MANY, Target, in_turn, spread
from tests.benchmarks.results import OURS, Results
from tests.benchmarks.servers import Process, running
from tests.processes import get, manage, wait_until
from tests.with_postgres import Cluster

ARTICLE = "/articles/palliative-care-for-metastatic-breast-cancer/"
LETTER = "/topics/?letter=M"
PAGES = {"topic": "/topics/mri/", "A to Z, one letter": LETTER, "kind": "/kinds/test/", "home": "/"}
COLD = {"READY_MEMORY_MIB": "0"}
NGINX, LOGGING, PROXIED = "nginx, static file", "nginx, static file, and its log", "the library behind its nginx"
BARE, PLAIN = "a bare callable, Granian", "a plain Django view, Granian"
CACHED, UNCACHED = "Wagtail 8, cached, {}", "Wagtail 8, {}"
PLAIN_HTML, NOT_MODIFIED, ZIPPED = "ready article, HTML", "ready article, 304", "ready article, gzip"
MIRROR = "making all pages of the smallest library"
LATENCY, COLD_PAGE = "ready article, one connection", "cold article"
SERVERS = ("gunicorn", "Granian")
SEARCH = "/search/?q=breast+scan"
CONTENT = f"""SELECT content FROM articles_edition e JOIN articles_article a ON a.id = e.article_id
    WHERE a.slug = '{ARTICLE.split("/")[2]}' ORDER BY e.number DESC LIMIT 1"""


def measure(results: Results, folder: Path, database: Cluster, url: str, *, rounds: int, seconds: float) -> None:
    with ExitStack() as stack:
        began = time.monotonic()
        manage(servers.settings(folder / "ready", url), "keep_ready", "--once")  # so that nobody is at it meanwhile
        results.add(MIRROR, OURS, "s", time.monotonic() - began)
        web = stack.enter_context(running(servers.library(folder / "ready", url)))
        behind = stack.enter_context(running(servers.library(folder / "ready", url, BEHIND_PROXY="true")))
        nginx = stack.enter_context(running(servers.behind_nginx(folder / "nginx", behind)))
        wait_until(lambda: get(nginx.port, ARTICLE)[0] == 200, seconds=20)
        page = get(web.port, ARTICLE)[1].encode()
        (folder / "page.html").write_bytes(page)
        zipped = gzip.compress(page, 6)
        static = stack.enter_context(running(servers.nginx_static(folder / "static", page, zipped)))
        log = f"{folder}/access.log combined buffer=32k flush=1s"
        logging = stack.enter_context(running(servers.nginx_static(folder / "logging", page, zipped, log)))
        bare = stack.enter_context(running(servers.from_memory(folder / "page.html", "bare:application")))
        plain = stack.enter_context(running(servers.from_memory(folder / "page.html", "plain_site:application")))
        cold = stack.enter_context(running(servers.library(folder / "cold", url, **COLD)))
        ours = {OURS: f"http://127.0.0.1:{web.port}{ARTICLE}", PROXIED: f"http://127.0.0.1:{nginx.port}{ARTICLE}"}
        all_of_them = {NGINX: static.url(), LOGGING: logging.url(), **ours, BARE: bare.url(), PLAIN: plain.url()}
        cold_ones = {OURS: f"http://127.0.0.1:{cold.port}{ARTICLE}"}
        if servers.wagtail_is_installed():
            all_wagtails = wagtails(stack, folder, database)
            all_of_them |= {name: each.url("/article/") for name, each in all_wagtails.items() if "cached" in name}
            cold_ones |= {name: each.url("/article/") for name, each in all_wagtails.items() if "cached" not in name}

        def compare(what: str, links: dict[str, str], headers: dict | None = None, connections: int = MANY):
            targets = {name: Target(link, headers or {}) for name, link in links.items()}
            figures = in_turn(targets, rounds=rounds, seconds=seconds, connections=connections)
            for name, done in figures.items():
                many = connections > 1
                values = spread([each.rate if many else each.p50 for each in done])
                results.add(what, name, "1/s" if many else "ms", **values)

        compare(PLAIN_HTML, all_of_them)
        compare(LATENCY, all_of_them, connections=1)
        compare(ZIPPED, {NGINX: static.url(), **ours}, {"Accept-Encoding": "gzip"})
        for name, link in {NGINX: static.url(), **ours}.items():
            compare(NOT_MODIFIED, {name: link}, {"If-None-Match": etag(link)})
        compare(COLD_PAGE, cold_ones)
        for name, path in PAGES.items():
            compare(f"ready {name}", {OURS: f"http://127.0.0.1:{web.port}{path}"})
        for name, path in {**PAGES, "search": SEARCH}.items():
            compare(f"cold {name}, one connection", {OURS: f"http://127.0.0.1:{cold.port}{path}"}, connections=1)
        if servers.wagtail_is_installed():
            for name, figures in json.loads(wagtail_python(database, "acts")).items():
                results.add(ACTS[name], "Wagtail 8", "ms", *figures)


ACTS = {"edit": "admin: the form of the article with 99 links", "publish": "publish the article with 99 links"}


def etag(link: str) -> str:
    with urllib.request.urlopen(link) as answer:
        return answer.headers["ETag"]


def wagtails(stack: ExitStack, folder: Path, database: Cluster) -> dict[str, Process]:
    """Cached and not, under either web server, with the article as it is in the library."""
    content = json.loads(database.sql(CONTENT, database="library_100"))
    content["links"] = [link["label"] for link in content["links"]]
    (folder / "content.json").write_text(json.dumps(content), encoding="utf-8")
    database.sql("CREATE DATABASE wagtail")
    wagtail_python(database, "fill", str(folder / "content.json"))
    return {
        name.format(under): stack.enter_context(running(servers.wagtail(database, under=under, cached=name is CACHED)))
        for name in (CACHED, UNCACHED)
        for under in SERVERS
    }


def wagtail_python(database: Cluster, *arguments: str) -> str:
    command = [servers.BENCH / "bin/python", "-m", "wagtail_site.measure", *arguments]
    env = {"PATH": os.environ["PATH"], "DATABASE_HOST": str(database.folder)}
    return subprocess.run(
        command, cwd=servers.CONTESTANTS, env=env, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
