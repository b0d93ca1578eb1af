"""Every setting, read from the environment once; what is missing or wrong fails loudly here.

`.env.example` explains each variable to the person who runs the platform; a test holds the two
equal.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from takehome_platform import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def _address(name: str, value: str, schemes: set[str]) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        wanted = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        raise ImproperlyConfigured(f"{name} must be an address that starts with {wanted}.")
    return value


DEBUG = env.str("DEBUG", "").lower() in env.BOOLEAN_TRUE_STRINGS
if not DEBUG and env.str("DEBUG", "").lower() not in ("", "0", "false", "no", "off", "n", "f"):
    raise ImproperlyConfigured("DEBUG must be true or false.")
SECRET_KEY = env.str("SECRET_KEY", "")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY must be set to at least 32 random characters; make one with: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "data").expanduser().resolve()

# -- where things are kept -------------------------------------------------------------------------

DATABASES = {
    "default": env.db_url_config(
        env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
    ),
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Web and worker share the file: wait for each other's writes instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _address(
    "REDIS_URL", env.str("REDIS_URL", "redis://127.0.0.1:6379/0"), {"redis", "rediss", "unix"}
)

DYNAMODB_ENDPOINT_URL = env.str("DYNAMODB_ENDPOINT_URL", "")
if DYNAMODB_ENDPOINT_URL:
    _address("DYNAMODB_ENDPOINT_URL", DYNAMODB_ENDPOINT_URL, {"http", "https"})
DYNAMODB_REGION = env.str("DYNAMODB_REGION", "us-east-1")
TABLE_PREFIX = env.str("TABLE_PREFIX", "")
if not re.fullmatch(r"[A-Za-z0-9_.-]{0,100}", TABLE_PREFIX):
    raise ImproperlyConfigured(
        "TABLE_PREFIX may hold letters, digits, '_', '-' and '.', 100 at most."
    )

FILES_BUCKET = env.str("FILES_BUCKET", "")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": FILES_BUCKET, "file_overwrite": True},
        }
        if FILES_BUCKET
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            # What candidates wrote is for nobody else on this machine.
            "OPTIONS": {
                "location": str(DATA_DIR / "files"),
                "allow_overwrite": True,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    ),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# -- workspaces ------------------------------------------------------------------------------------

PROVISIONER = env.str("PROVISIONER", "local")
LOCAL_WORKSPACE_HOST = env.str("LOCAL_WORKSPACE_HOST", "127.0.0.1")
CODE_SERVER = env.str("CODE_SERVER", "")

# -- Django ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "ninja",
    "interviews",
    "operations",
    "candidate_portal",
    "dashboard",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "takehome_platform.errors.ErrorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "takehome_platform.urls"
ASGI_APPLICATION = "takehome_platform.asgi.application"
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
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
# Pages show the viewer's own zone; the server speaks UTC everywhere.
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# -- security --------------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
# The candidate's address bar holds the passcode: it goes to nobody else.
SECURE_REFERRER_POLICY = "same-origin"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# -- Celery: the bell, never the queue -------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# Operations wait on engines for minutes: none is kept back for a worker that is busy.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A click must not hang while the broker is away: the table has the work, and the schedule rings.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "max_retries": 1,
    "global_keyprefix": f"{TABLE_PREFIX}celery:",
}

# -- logs ------------------------------------------------------------------------------------------

LOGGING = logs.configure(readable=DEBUG)
