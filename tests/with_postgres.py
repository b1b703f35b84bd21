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


@contextmanager
def cluster(folder: Path):
    """A running server; yields its address as a DATABASE_URL. PostgreSQL refuses to run as root, so root hands
    it to the user `postgres`."""
    bin_folder = binaries()
    os.chmod(folder, 0o755)
    data, owner = folder / "data", {}
    data.mkdir()
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        for path in (folder, data):
            os.chown(path, account.pw_uid, account.pw_gid)
        owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def run(*command):
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **owner)

    run(
        bin_folder / "initdb",
        "--pgdata",
        data,
        "--username",
        "library",
        "--auth",
        "trust",
        "--encoding",
        "UTF8",
        "--no-sync",
    )
    # This cluster holds nothing that anybody would miss: no commit waits for the disk.
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    run(
        bin_folder / "pg_ctl",
        "--pgdata",
        data,
        "--wait",
        "--log",
        folder / "log",
        "--options",
        options,
        "start",
    )
    try:
        yield f"postgres://library@/postgres?host={folder}"
    finally:
        run(bin_folder / "pg_ctl", "--pgdata", data, "--wait", "--mode", "immediate", "stop")


def main(command: list[str]) -> int:
    if binaries() is None:
        print(MISSING, file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    with tempfile.TemporaryDirectory(prefix="library-postgres-") as folder, cluster(Path(folder)) as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
