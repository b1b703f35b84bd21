"""The files for containers are read by the real tool; what they start is started here without containers."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib import metadata

import pytest
from django.db import connection
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import PROJECT, missing

GIVEN = {
    "DATABASE_PASSWORD": "a-long-random-text",
    "SECRET_KEY": "another-long-random-text",
    "ALLOWED_HOSTS": "library.example.org,www.example.org",
    "CERTIFICATES": "/srv/certificates",
}
COMPOSE = PROJECT / "docker-compose.yml"


def compose(**environment):
    if not shutil.which("docker-compose"):
        missing("docker-compose", "Install it with: apt-get install docker-compose")
    command = ["docker-compose", "--file", str(COMPOSE), "config"]
    return subprocess.run(command, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True)


def test_the_compose_file_is_valid_and_lets_nobody_in_but_through_nginx():
    result = compose(**GIVEN)
    assert result.returncode == 0, result.stderr
    services = dict(re.findall(r"(?m)^  (\w+):\n((?:    .*\n)+)", result.stdout.partition("services:\n")[2]))
    assert set(services) == {"nginx", "web", "prepare", "timer", "db"}
    assert [name for name, text in services.items() if "ports:" in text] == ["nginx"]
    for name, text in services.items():
        assert "read_only: true" in text, name
        assert "no-new-privileges:true" in text, name
    assert all("cap_drop:" in services[name] for name in ("nginx", "web", "prepare", "timer"))
    assert all("service_completed_successfully" in services[name] for name in ("web", "timer"))
    assert "service_healthy" in services["nginx"]
    assert "RUN_DUE_EVERY: '0'" in services["web"]


@pytest.mark.parametrize("name", GIVEN)
def test_without_a_secret_nothing_starts_and_the_message_says_what_to_set(name):
    result = compose(**{key: value for key, value in GIVEN.items() if key != name})
    assert result.returncode != 0
    assert "set it to" in result.stderr


def test_the_container_of_nginx_writes_the_host_names_into_the_configuration(tmp_path):
    (command,) = re.findall(r"(sed .*) > /tmp/nginx\.conf", COMPOSE.read_text())
    command = command.replace("$$", "$").replace("/library/", f"{PROJECT}/library/nginx/")
    said = subprocess.run(
        ["sh", "-c", command], env={**os.environ, **GIVEN}, capture_output=True, text=True, check=True
    )
    assert said.stdout.count("server_name library.example.org www.example.org;") == 2


def test_everything_in_the_image_has_its_version_written_down():
    """What pip would bring along as well."""
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    pinned = {Requirement(line) for line in lines if line and not line.startswith("#")}
    assert all(str(requirement.specifier).startswith("==") for requirement in pinned)
    names = {canonicalize_name(requirement.name) for requirement in pinned}
    for requirement in pinned:
        for text in metadata.requires(requirement.name) or []:
            needed = Requirement(text)
            wanted = [{"extra": extra} for extra in requirement.extras or {""}]
            if needed.marker is None or any(needed.marker.evaluate(environment) for environment in wanted):
                assert canonicalize_name(needed.name) in names, f"{requirement.name} needs {needed.name}"


def test_the_dockerfile_runs_as_nobody_special_and_copies_only_the_project():
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    assert lines.index("USER library") < next(index for index, line in enumerate(lines) if line.startswith("CMD"))
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert copied == ["requirements.txt", "manage.py", "library", "articles", "templates"]
    assert all((PROJECT / name).exists() for name in copied)


@pytest.mark.django_db
def test_what_the_containers_run_works_against_postgresql(collected, tmp_path):
    """The commands and the environment of the compose file: prepare, serve, health, a page behind a proxy."""
    if connection.vendor != "postgresql":
        pytest.skip("runs in the PostgreSQL half of the tests")
    folder = connection.settings_dict["HOST"]
    subprocess.run(["createdb", "--host", folder, "--username", "library", "deployment"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"postgres://library@/deployment?host={folder}",
        "SECRET_KEY": GIVEN["SECRET_KEY"],
        "ALLOWED_HOSTS": "library.example.org,127.0.0.1",
        "HTTPS": "true",
        "BEHIND_PROXY": "true",
        "WORKERS": "2",
        "PORT": str(port),
    }

    def manage(*arguments):
        return [sys.executable, "manage.py", *arguments]

    (tmp_path / "static").symlink_to(collected)
    # Two machines that start at once.
    both = [subprocess.Popen(manage("prepare"), cwd=PROJECT, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate()[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("A first administrator was created." in text for text in told) == 1
    server = subprocess.Popen(
        manage("serve"), cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert _get(f"http://127.0.0.1:{port}/readyz") == (200, "ok\n")
        behind_proxy = {"Host": "library.example.org", "X-Forwarded-Proto": "https"}
        status, html = _get(f"http://127.0.0.1:{port}/", **behind_proxy)
        assert (status, "Health information in plain words" in html) == (200, True)
        assert _get(f"http://127.0.0.1:{port}/topics/bone-scan/", **behind_proxy)[0] == 404  # no sample text unasked
    finally:
        server.terminate()
        server.wait(timeout=20)


def _get(url: str, **headers) -> tuple[int, str]:
    for _ in range(100):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"{url} did not answer")
