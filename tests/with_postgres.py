"""Runs a command against a PostgreSQL of its own: `python -m tests.with_postgres pytest`.

Makes a cluster in a temporary folder from the installed server binaries, listening on a socket in that folder
only, sets DATABASE_URL for the command, and stops and removes the cluster whatever happens. Where the binaries
are missing it says so and how to install them; with CI=true that is a failure.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

MISSING = (
    "PostgreSQL's server binaries were not found, so no test ran on PostgreSQL.\n"
    "Install them with: apt-get install postgresql   (or put initdb and pg_ctl on the PATH)"
)


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl: on the PATH, or the newest of Debian's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


class Cluster:
    """A PostgreSQL in a folder of its own, reached by the socket in it; with `copy_of` a streaming replica of another one.
    PostgreSQL refuses to run as root, so root hands it to the user `postgres`."""

    def __init__(self, folder: Path, *, copy_of: "Cluster | None" = None):
        self.folder, self.data = folder, folder / "data"
        self.url = self.url_of("postgres")
        self.owner = {}
        os.chmod(folder, 0o755)
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            for path in (folder, self.data):
                os.chown(path, account.pw_uid, account.pw_gid)
            self.owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if copy_of:
            source = ["--host", copy_of.folder, "--username", "library"]
            self._run("pg_basebackup", *source, "--checkpoint", "fast", "--no-sync", "--write-recovery-conf")
        else:
            self._run("initdb", "--username", "library", "--auth", "trust", "--encoding", "UTF8", "--no-sync")

    def url_of(self, database: str) -> str:
        return f"postgres://library@/{database}?host={self.folder}"

    def start(self, *, durable=False) -> None:
        """No commit waits for the disk unless it has to be `durable`: what a test writes is missed by nobody."""
        options = f"-k {self.folder} -c listen_addresses=''"
        if not durable:
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        self._run("pg_ctl", "--wait", "--log", self.folder / "log", "--options", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "--wait", "--mode", "immediate", "stop")

    def is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def sql(self, statement: str, database="postgres") -> str:
        command = ["psql", "--host", self.folder, "--username", "library", "--no-psqlrc", "--tuples-only", "--no-align"]
        command += ["--set", "ON_ERROR_STOP=1", "--command", statement, database]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def _run(self, program: str, *arguments) -> None:
        command = [binaries() / program, "--pgdata", self.data, *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self.owner)


@contextmanager
def cluster(folder: Path, *, durable=False):
    """A running server, which is stopped at the end unless it was before."""
    running = Cluster(folder)
    running.start(durable=durable)
    try:
        yield running
    finally:
        if running.is_running():
            running.stop()


def main(command: list[str]) -> int:
    if binaries() is None:
        print(MISSING, file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    with tempfile.TemporaryDirectory(prefix="library-postgres-") as folder, cluster(Path(folder)) as running:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": running.url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
