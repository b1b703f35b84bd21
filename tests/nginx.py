"""The shipped nginx.conf, started on free ports of this machine: only addresses, names and folders differ."""

import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from pathlib import Path

from tests.conftest import PROJECT, missing
from tests.processes import free_port

FOLDER = PROJECT / "library/nginx"
HOST = "library.example.org"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")  # which is on the path of root only


class Nginx:
    """In front of the web servers at these ports of 127.0.0.1. `port` speaks TLS, `plain_port` leads there."""

    def __init__(self, folder: Path, web_ports: list[int], *, names=HOST):
        if not NGINX or not shutil.which("openssl"):
            missing("nginx", "Install it with: apt-get install nginx openssl")
        self.folder, self.names = folder, names
        self.port, self.plain_port = free_port(), free_port()
        self.log = folder / "access.log"
        self.make_certificate()
        self.serve(web_ports)
        self.process = subprocess.Popen(self.command("-g", self.globally("daemon off;")))

    def make_certificate(self):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
        command += ["-keyout", self.folder / "privkey.pem", "-out", self.folder / "fullchain.pem"]
        subprocess.run(command, check=True, capture_output=True)

    def serve(self, web_ports: list[int]):
        """Write the configuration for these web servers; `reload` makes a running nginx follow it."""
        (server,) = (line for line in self.shipped().splitlines() if line.strip().startswith("server web:8000"))
        servers = "\n".join(server.split("#")[0].replace("web:8000", f"127.0.0.1:{port}") for port in web_ports)
        text = self.shipped().replace(server, servers)
        here = {
            "HOST_NAMES": self.names,
            "listen 8080": f"listen 127.0.0.1:{self.plain_port}",
            "listen 8443": f"listen 127.0.0.1:{self.port}",
            "/dev/stdout": str(self.log),
            "/dev/stderr": str(self.folder / "error.log"),
            "/tmp/": f"{self.folder}/",
            "/certificates/": f"{self.folder}/",
            "/library/": f"{FOLDER}/",
        }
        places = re.compile("|".join(map(re.escape, here)))
        (self.folder / "nginx.conf").write_text(places.sub(lambda found: here[found[0]], text))

    @staticmethod
    def shipped() -> str:
        return (FOLDER / "nginx.conf").read_text()

    def globally(self, directives: str) -> str:
        return directives + (
            " user root;" if os.geteuid() == 0 else ""
        )  # or the workers can't enter a folder of root's

    def command(self, *arguments: str) -> list[str]:
        return [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), *arguments]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def lines(self) -> list[str]:
        time.sleep(1.1)  # the log is written once a second
        return self.log.read_text().splitlines()
