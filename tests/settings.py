"""The product's settings, made quick for tests: cheap passwords, static files as they lie in the tree.

DATABASE_URL decides the database, as in production: unset is SQLite, `python -m tests.with_postgres` sets it.
"""

import os
import tempfile

os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["HTTPS"] = "true"

from library.settings import *  # noqa: F403

REVIEW_SAMPLE_PERCENT = 0  # chance has its own tests
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = tempfile.mkdtemp(prefix="library-static-")

# A file and not memory: so several connections meet in it, as in production.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.mkdtemp(prefix='library-test-')}/test.sqlite3"}  # noqa: F405

# To fill a library with 20,000 pages takes longer than any query of a page may.
if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    OPTIONS = DATABASES["default"]["OPTIONS"]  # noqa: F405
    OPTIONS["options"] = OPTIONS["options"].replace("statement_timeout=3s", "statement_timeout=30s")
