"""Reads settings from the environment and refuses what it does not understand.

Unset means the safe choice. A value that can't be understood stops the start with a sentence
that names the variable and says what to write: a typo must never pick a side.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}
POOL_SIZE = 8  # connections to PostgreSQL of one process


def text(name: str, default: str = "") -> str:
    """The value of `name`, or of the file that `<name>_FILE` names (for secrets), or `default`."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which can't be read as text ({error}). Write the path of a text file."
            ) from error
    return os.environ.get(name, "").strip() or default


def secret(name: str, *, kept_in: Path) -> str:
    """The value of `name`; when there is none, a random one that is made once and kept in a file of the owner's only.

    Several machines that serve one library must be given the same value.
    """
    if value := text(name):
        return value
    try:
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(kept_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is not set, and none can be kept in {kept_in} ({error.strerror}). "
            f"Set {name}, or {name}_FILE to a file that holds it, to a long random text."
        ) from error
    return kept_in.read_text(encoding="ascii")


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is “{value}”, which is neither yes nor no. Write true or false.")
    return value in YES


def number(name: str, *, default: int, least: int, most: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write a whole number from {least} to {most}.")
    return int(value)


def names(name: str, *, default: list[str]) -> list[str]:
    """A list written with commas: "library.example.org, www.example.org"."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or default


def web_address(name: str, *, default: str) -> str:
    """Where a site begins, such as "https://library.example.org", without a stroke at its end."""
    value = text(name, default).rstrip("/")
    if not value.startswith(("http://", "https://")) or len(value.split()) != 1:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write an address such as https://library.example.org.")
    return value


def time_zone(name: str, *, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name} is “{value}”, which is no time zone. Write a name such as America/Chicago or Europe/London."
        ) from error
    return value


def database(name: str, *, default: str) -> dict:
    """Django's settings of the database at an address.

    `sqlite:///relative.sqlite3`, `sqlite:////absolute.sqlite3` or `postgres://user:password@host:5432/name`;
    special characters in user and password are percent-encoded; `?sslmode=require` and other connection
    options of PostgreSQL may follow. Raises ImproperlyConfigured for anything else.
    """
    url = text(name, default)
    advice = f"Write {name} as sqlite:///var/library.sqlite3 or postgres://user:password@host:5432/name."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} can't be read ({error}). {advice}") from error
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return _sqlite(unquote(parts.path[1:]))
    if parts.scheme in {"postgres", "postgresql"} and len(parts.path) > 1:
        return _postgresql(parts, port)
    raise ImproperlyConfigured(f"{name} is neither a SQLite nor a PostgreSQL address. {advice}")


def replica(name: str) -> dict | None:
    """Django's settings of a copy of the PostgreSQL database that is only read, or None when `name` is not set."""
    if not text(name):
        return None
    settings = database(name, default="")
    if not settings["ENGINE"].endswith("postgresql"):
        raise ImproperlyConfigured(
            f"{name} is no PostgreSQL address. Write {name} as postgres://user:password@host:5432/name."
        )
    settings["OPTIONS"]["options"] += " -c default_transaction_read_only=on"
    settings["OPTIONS"]["pool"]["timeout"] = 1  # the primary is there to answer
    return settings


def _sqlite(path: str) -> dict:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Opening the file and reading its schema took a third of the time of a public page. Not for ever: an administrator
        # may put another file in its place.
        "CONN_MAX_AGE": 5,  # seconds
        "OPTIONS": {
            # Readers go on while one writes; a write asks for its lock at once, so it waits instead of failing
            # half-way; FULL keeps an acknowledged save through a power cut. Django switches foreign keys on.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            "transaction_mode": "IMMEDIATE",
            # Seconds to wait for other writers. They don't queue: each looks again now and then, so four who never rest can
            # hold one up for more than twenty.
            "timeout": 60,
        },
    }


def _postgresql(parts, port) -> dict:
    options = dict(parse_qsl(parts.query))
    # A patient waits 3 seconds at the most for one query; a change of the schema gives up its place in the
    # queue instead of holding up readers. Compiling a query to machine code (jit) takes longer than any query of a page.
    options.setdefault(
        "options",
        "-c statement_timeout=3s -c lock_timeout=2s -c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan",
    )
    options.setdefault("connect_timeout", "2")  # seconds
    options.setdefault("tcp_user_timeout", "5000")  # milliseconds until a machine that vanished is given up
    # For library/prepared.py. Django's own queries carry their values and are not prepared.
    options["prepare_threshold"] = 0
    options["pool"] = {"min_size": 1, "max_size": POOL_SIZE, "timeout": 2}  # seconds to wait for a connection
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or options.get("host", ""),
        "PORT": str(port or ""),
        "CONN_HEALTH_CHECKS": True,  # a connection of the pool may have died with a server that is back since
        "OPTIONS": {key: value for key, value in options.items() if key != "host"},
    }
