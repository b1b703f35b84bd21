"""The one settings file. All that differs between sites comes from the environment (README, "Settings")."""

from datetime import timedelta
from pathlib import Path

from django.urls import reverse_lazy

from library import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))  # the SQLite file and the collected static files

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", kept_in=DATA_DIR / "secret-key")  # signs sessions and forms
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", default=[])
SITE_NAME = env.text("SITE_NAME", "Health Library")

INSTALLED_APPS = [
    "library",
    "articles",
    "taggit",
    "axes",
    "django_prose_editor",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "library.middleware.request_log",
    "library.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "library.middleware.language_of_the_address",
    "library.middleware.calm_when_off",
    "library.middleware.session_key_guard",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "library.urls"
WSGI_APPLICATION = "library.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "library.context.site",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'library.sqlite3'}")}
if copy := env.replica("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = copy
    DATABASE_ROUTERS = ["library.replica.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]  # by their own names; articles/languages.py says what follows
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_ROOT = BASE_DIR / "library" / "root"  # files that browsers ask for at the root of the site
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Passwords: length beats symbols (OWASP ASVS 5.0, 6.2).
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Ten wrong passwords from one network address for one account, and both wait a quarter of an hour (OWASP ASVS 5.0,
# 6.3.1). The right password from elsewhere still works, so nobody can lock a colleague out.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "library.logs.client_address"
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True  # who signed in and when is no business of a second table
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LOGIN_URL = reverse_lazy("admin:login")

# HTTPS=false is for a library that is read on its own machine only (`make run`): browsers refuse `__Host-`
# cookies and nobody can upgrade a request where there is no certificate.
HTTPS = env.flag("HTTPS", default=True)
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds: one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # ends with the browser
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by the machine itself, without a certificate
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0  # two years
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the browsers' preload list is for the owner of the domain to decide
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:  # only when the proxy overwrites the header on every request
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# A page of 500 related links is one field; sections and references are a dozen fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024  # bytes

# Mails to staff lead back here, and every page names itself by it: a name that somebody made up never gets into a page
# that a cache keeps for the others. Without a server for them they are printed, and `manage.py run_due` says so.
HOST_NAME = ALLOWED_HOSTS[0].lstrip("*.") or "localhost"
SITE_URL = env.web_address(
    "SITE_URL", default=f"https://{HOST_NAME}" if HTTPS else f"http://{HOST_NAME}:{env.text('PORT', '8000')}"
)
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.number("EMAIL_PORT", default=587, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"library@{HOST_NAME}")

# Public pages are kept ready in the memory of each process, up to so many MiB; 0 asks Django every time.
READY_MEMORY_MIB = env.number("READY_MEMORY_MIB", default=64, least=0, most=65_536)
DJANGO_AT_ONCE = env.POOL_SIZE  # requests of one process that Django answers meanwhile: each may want a connection
DJANGO_WAITING = 56  # more requests wait their turn, and the next are told to come again
READY_DIR = DATA_DIR / "ready"  # and on disk, so that they can be read without a database

# Of the reviews that find nothing to change, so many in a hundred are made once more by somebody else.
REVIEW_SAMPLE_PERCENT = env.number("REVIEW_SAMPLE_PERCENT", default=10, least=0, most=100)
# `manage.py check_links` asks no address of the machine's own network, where a link could be made to press buttons.
CHECK_PRIVATE_LINKS = env.flag("CHECK_PRIVATE_LINKS", default=False)

TAGGIT_CASE_INSENSITIVE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "library.logs.OneLineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "library": {"level": "INFO"},
        # Each request has its line already (library.middleware.request_log); here only what went wrong inside.
        "django": {"level": "ERROR", "handlers": [], "propagate": True},
    },
}
