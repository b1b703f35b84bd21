"""The contestants: each a server of its own on a free port, with two processes."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.nginx import NGINX, Nginx
from tests.processes import Web, environment, free_port, get, wait_until
from tests.with_postgres import Cluster

CONTESTANTS = Path(__file__).resolve().parent / "contestants"  # no package: Granian would import what is above it
BENCH = Path(sys.prefix) / "bench"  # the virtual environment of Wagtail
WAGTAIL = ["wagtail==8.0.1", "gunicorn==27.0.1", "granian==2.8.7", "psycopg[binary,pool]==3.3.9"]
WORKERS = 2
STATIC = """
worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; }} sendfile on; tcp_nopush on; access_log {log}; gzip_static on; open_file_cache max=100;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


class Process:
    """A server that answers with 200 at `path` when this returns; `seconds` is how long that took."""

    def __init__(self, command: list, port: int, *, path="/", cwd: Path = CONTESTANTS, env: dict | None = None):
        began = time.monotonic()
        self.port = port
        self.process = subprocess.Popen(
            list(map(str, command)), cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: get(port, path)[0] == 200, seconds=60, every=0.01)
        self.seconds = time.monotonic() - began

    def url(self, path="/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


@contextmanager
def running(server):
    try:
        yield server
    finally:
        server.stop()


def nginx_static(folder: Path, body: bytes, compressed: bytes, log="off") -> Process:
    """The same bytes as files, and beside them compressed; with `log` also what nginx takes to write a line for each."""
    folder.mkdir()
    (folder / "index.html").write_bytes(body)
    (folder / "index.html.gz").write_bytes(compressed)
    port = free_port()
    (folder / "nginx.conf").write_text(STATIC.format(folder=folder, port=port, log=log))
    root = " user root;" if os.geteuid() == 0 else ""
    return Process([NGINX, "-p", folder, "-c", folder / "nginx.conf", "-g", f"daemon off;{root}"], port)


def from_memory(page: Path, application: str) -> Process:
    """Of bare.py or plain_site.py: the page without a database."""
    return granian(sys.executable, application, env={"PATH": os.environ["PATH"], "PAGE": str(page)})


def granian(python: Path | str, application: str, *, env: dict, path="/") -> Process:
    port = free_port()
    command = [python, "-m", "granian", "--interface", "wsgi", "--port", port, "--workers", WORKERS, "--no-ws"]
    command += ["--blocking-threads", "8", "--log-level", "error", "--workers-kill-timeout", "5"]
    command.append(application)
    return Process(command, port, path=path, env=env)


def wagtail(server: Cluster, *, under: str, cached: bool) -> Process:
    env = {"PATH": os.environ["PATH"], "DATABASE_HOST": str(server.folder), **({"CACHED": "1"} if cached else {})}
    if under == "Granian":
        return granian(BENCH / "bin/python", "wagtail_site.wsgi:application", env=env, path="/article/")
    port = free_port()
    command = [BENCH / "bin/gunicorn", "--workers", WORKERS, "--threads", "4", "--bind", f"127.0.0.1:{port}"]
    command += ["--no-control-socket", "wagtail_site.wsgi:application"]
    return Process(command, port, path="/article/", env=env)


def wagtail_is_installed() -> bool:
    """Installs it when that is possible; WAGTAIL=0 leaves it out, WAGTAIL=1 insists on it."""
    wanted = os.environ.get("WAGTAIL", "")
    if wanted == "0":
        return False
    if not (BENCH / "bin/pip").exists():  # or somebody ended this before pip had come
        subprocess.run([sys.executable, "-m", "venv", "--clear", BENCH], check=True)
    done = subprocess.run([BENCH / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *WAGTAIL])
    if done.returncode and wanted == "1":
        sys.exit("Wagtail could not be installed; see above.")
    return done.returncode == 0


def machine(folder: Path) -> Path:
    """The DATA_DIR of a machine, with the static files that `prepare` of this package collected."""
    if not folder.exists():
        folder.mkdir()
        (folder / "static").symlink_to(os.environ["DATA_DIR"] + "/static")
    return folder


def library(folder: Path, database_url: str, **more: str) -> Web:
    """The library as `manage.py serve` starts it; several at one folder are on one machine, and share the mirror."""
    return Web(settings(folder, database_url, **more), log=folder / "web.log")


def settings(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """The address of the site stands in its pages, so it is the same for all that share a mirror."""
    more = {"SITE_URL": "http://127.0.0.1", **more}
    return environment(machine(folder), database_url, WORKERS=str(WORKERS), **more)


class PlainNginx(Nginx):
    """The shipped configuration without TLS, which would cost every contestant the same."""

    @staticmethod
    def shipped() -> str:
        return Nginx.shipped().replace(" ssl http2", "")


def behind_nginx(folder: Path, web: Web) -> Nginx:
    folder.mkdir()
    nginx = PlainNginx(folder, [web.port], names="127.0.0.1")
    wait_until(lambda: get(nginx.port, "/healthz")[0] == 200, seconds=20)
    return nginx


def memory(pid: int, *, with_jobs: bool) -> int:
    """MiB of a web server and its workers, and of the jobs (manage.py) that it started; what they share is counted once
    (Pss)."""
    total, waiting = 0, [pid]
    while waiting:
        pid = waiting.pop()
        try:
            if not with_jobs and "manage.py" in Path(f"/proc/{pid}/cmdline").read_text():
                continue
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return round(total / 1024)


def needed() -> None:
    for program, found in {"nginx": NGINX, "wrk": shutil.which("wrk"), "openssl": shutil.which("openssl")}.items():
        if not found:
            sys.exit(f"{program} was not found. Install it with: apt-get install {program}")
