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
