"""Every setting. Environment variables are read here only, and an invalid one stops the process.

`.env.example` explains each variable to the person who runs the platform; a test compares the two.
"""

from pathlib import Path

import environ
from botocore.config import Config
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu.entity import Queue

from operations.queue.routing import TASK_QUEUES, TaskQueue
from takehome_platform.env_validators import (
    MAIL_PORTS,
    parse_bool,
    parse_company_name,
    parse_count,
    parse_database_url,
    parse_domains,
    parse_language,
    parse_port,
    parse_practice_minutes,
    parse_reminder_hours,
    parse_retention_days,
    read_secret_key,
    strip_items,
    validate_email_address,
    validate_issuer,
    validate_mail_server,
    validate_mailbox,
    validate_site,
    validate_table_name,
    validate_table_prefix,
    validate_url,
)
from takehome_platform.observability import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.str("DEBUG", "").lower() in env.BOOLEAN_TRUE_STRINGS
if not DEBUG and env.str("DEBUG", "").lower() not in ("", "0", "false", "no", "off", "n", "f"):
    raise ImproperlyConfigured("DEBUG must be true or false.")
SECRET_KEY = read_secret_key(env.str("SECRET_KEY", ""), env.str("SECRET_KEY_FILE", ""))
ALLOWED_HOSTS = strip_items(env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]))
CSRF_TRUSTED_ORIGINS = strip_items(env.list("CSRF_TRUSTED_ORIGINS", default=[]))
STREAMS_PER_ADDRESS = parse_count("STREAMS_PER_ADDRESS", env.str("STREAMS_PER_ADDRESS", ""), 300)
DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "data").expanduser().resolve()

# -- stores ----------------------------------------------------------------------------------------

DATABASES = {
    "default": parse_database_url(
        "DATABASE_URL", env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = validate_url(
    "REDIS_URL", env.str("REDIS_URL", "") or "redis://127.0.0.1:6379/0", {"redis", "rediss", "unix"}
)

DYNAMODB_ENDPOINT_URL = env.str("DYNAMODB_ENDPOINT_URL", "")
if DYNAMODB_ENDPOINT_URL:
    validate_url("DYNAMODB_ENDPOINT_URL", DYNAMODB_ENDPOINT_URL, {"http", "https"})
DYNAMODB_REGION = env.str("DYNAMODB_REGION", "us-east-1")
TABLE_PREFIX = validate_table_prefix("TABLE_PREFIX", env.str("TABLE_PREFIX", ""))
LEGACY_TAKEHOME_TABLE = validate_table_name(
    "LEGACY_TAKEHOME_TABLE", env.str("LEGACY_TAKEHOME_TABLE", "")
)
UNIFIED_TAKEHOMES = parse_bool("UNIFIED_TAKEHOMES", env.str("UNIFIED_TAKEHOMES", ""), default=True)

FILES_BUCKET = env.str("FILES_BUCKET", "")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": FILES_BUCKET,
                "file_overwrite": True,
                # A store that does not answer holds a worker's thread, by default for minutes.
                "client_config": Config(
                    connect_timeout=5,
                    read_timeout=20,
                    retries={"total_max_attempts": 3, "mode": "standard"},
                ),
            },
        }
        if FILES_BUCKET
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            # Other users of this machine must not read the candidates' files.
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
            else "takehome_platform.rendering.static_bundles.BundledStaticFilesStorage"
        )
    },
}

RETENTION_DAYS = parse_retention_days(
    "RETENTION_DAYS", env.str("RETENTION_DAYS", "").strip() or "90"
)
REVIEW_REMINDER_DAYS = parse_count("REVIEW_REMINDER_DAYS", env.str("REVIEW_REMINDER_DAYS", ""), 3)
CHECKS_AT_ONCE = parse_count("CHECKS_AT_ONCE", env.str("CHECKS_AT_ONCE", ""), 2)
CANDIDATE_DOWNLOADS = parse_bool(
    "CANDIDATE_DOWNLOADS", env.str("CANDIDATE_DOWNLOADS", ""), default=False
)
CANDIDATE_FEEDBACK = parse_bool(
    "CANDIDATE_FEEDBACK", env.str("CANDIDATE_FEEDBACK", ""), default=True
)
ACCESSIBILITY_URL = env.str("ACCESSIBILITY_URL", "").strip()
if ACCESSIBILITY_URL:
    validate_url("ACCESSIBILITY_URL", ACCESSIBILITY_URL, {"https"})
PRACTICE_MINUTES = parse_practice_minutes("PRACTICE_MINUTES", env.str("PRACTICE_MINUTES", ""))
PROGRESS_MINUTES = parse_count("PROGRESS_MINUTES", env.str("PROGRESS_MINUTES", ""), 5)
PRACTICE_WORKSPACES = parse_count("PRACTICE_WORKSPACES", env.str("PRACTICE_WORKSPACES", ""), 20)

# -- workspaces ------------------------------------------------------------------------------------

PROVISIONER = env.str("PROVISIONER", "") or "local"
LOCAL_WORKSPACE_HOST = env.str("LOCAL_WORKSPACE_HOST", "127.0.0.1")
CODE_SERVER = env.str("CODE_SERVER", "")
LOCAL_MAX_WORKSPACES = parse_count("LOCAL_MAX_WORKSPACES", env.str("LOCAL_MAX_WORKSPACES", ""), 0)
DOCKER_MAX_WORKSPACES = parse_count(
    "DOCKER_MAX_WORKSPACES", env.str("DOCKER_MAX_WORKSPACES", ""), 0
)
# operations/provisioners/docker/options.py parses these.
DOCKER_HOST = env.str("DOCKER_HOST", "") or "unix:///var/run/docker.sock"
DOCKER_IMAGE = env.str("DOCKER_IMAGE", "") or "codercom/code-server:latest"
DOCKER_HELPER_IMAGE = env.str("DOCKER_HELPER_IMAGE", "") or "takehome-platform:latest"
DOCKER_WORKSPACE_URL = env.str("DOCKER_WORKSPACE_URL", "") or "http://{name}.localhost:{port}/"
DOCKER_PUBLISH_ADDRESS = env.str("DOCKER_PUBLISH_ADDRESS", "") or "127.0.0.1"
DOCKER_PORTS = env.str("DOCKER_PORTS", "") or "20000-29999"
DOCKER_NETWORK = env.str("DOCKER_NETWORK", "")
DOCKER_SUBNETS = env.str("DOCKER_SUBNETS", "") or "10.213.0.0/16"
DOCKER_INTERNET = env.str("DOCKER_INTERNET", "") or "true"
DOCKER_REFUSED = env.list("DOCKER_REFUSED", default=[])
DOCKER_CPUS = env.str("DOCKER_CPUS", "") or "2"
DOCKER_MEMORY_MB = env.str("DOCKER_MEMORY_MB", "") or "2048"
DOCKER_DISK_GB = env.str("DOCKER_DISK_GB", "") or "5"
SWARM_MAX_WORKSPACES = parse_count("SWARM_MAX_WORKSPACES", env.str("SWARM_MAX_WORKSPACES", ""), 0)
SWARM_MACHINE_PATIENCE = parse_count(
    "SWARM_MACHINE_PATIENCE", env.str("SWARM_MACHINE_PATIENCE", ""), 20
)
# operations/provisioners/swarm/options.py parses these.
SWARM_HOST = env.str("SWARM_HOST", "") or "unix:///var/run/docker.sock"
SWARM_TLS_CA = env.str("SWARM_TLS_CA", "")
SWARM_TLS_CERT = env.str("SWARM_TLS_CERT", "")
SWARM_TLS_KEY = env.str("SWARM_TLS_KEY", "")
SWARM_NETWORK = env.str("SWARM_NETWORK", "") or "takehome-agents"
SWARM_CERTIFICATES = env.str("SWARM_CERTIFICATES", "")
SWARM_CONSTRAINTS = env.list("SWARM_CONSTRAINTS", default=[])
SWARM_WORKSPACE_URL = env.str("SWARM_WORKSPACE_URL", "") or "http://{node}:{port}/"
KUBERNETES_MAX_WORKSPACES = parse_count(
    "KUBERNETES_MAX_WORKSPACES", env.str("KUBERNETES_MAX_WORKSPACES", ""), 0
)
# operations/provisioners/kubernetes/options.py parses these.
KUBERNETES_KUBECONFIG = env.str("KUBERNETES_KUBECONFIG", "")
KUBERNETES_CONTEXT = env.str("KUBERNETES_CONTEXT", "")
KUBERNETES_NAMESPACE = env.str("KUBERNETES_NAMESPACE", "")
KUBERNETES_IMAGE = env.str("KUBERNETES_IMAGE", "") or "codercom/code-server:latest"
KUBERNETES_HOME = env.str("KUBERNETES_HOME", "") or "/home/coder"
KUBERNETES_USER = env.str("KUBERNETES_USER", "") or "1000"
KUBERNETES_HELPER_IMAGE = env.str("KUBERNETES_HELPER_IMAGE", "")
KUBERNETES_PULL_SECRET = env.str("KUBERNETES_PULL_SECRET", "")
KUBERNETES_WORKSPACE_URL = env.str("KUBERNETES_WORKSPACE_URL", "")
KUBERNETES_INGRESS_CLASS = env.str("KUBERNETES_INGRESS_CLASS", "")
KUBERNETES_TLS_SECRET = env.str("KUBERNETES_TLS_SECRET", "")
KUBERNETES_GATEWAY = env.str("KUBERNETES_GATEWAY", "")
KUBERNETES_PROXY_NAMESPACE = env.str("KUBERNETES_PROXY_NAMESPACE", "")
KUBERNETES_CPUS = env.str("KUBERNETES_CPUS", "") or "2"
KUBERNETES_MEMORY_MB = env.str("KUBERNETES_MEMORY_MB", "") or "2048"
KUBERNETES_DISK_GB = env.str("KUBERNETES_DISK_GB", "") or "5"
KUBERNETES_STORAGE_CLASS = env.str("KUBERNETES_STORAGE_CLASS", "")
KUBERNETES_NODE_SELECTOR = env.list("KUBERNETES_NODE_SELECTOR", default=[])
KUBERNETES_RUNTIME_CLASS = env.str("KUBERNETES_RUNTIME_CLASS", "")
KUBERNETES_INTERNET = env.str("KUBERNETES_INTERNET", "") or "true"
KUBERNETES_ENFORCES_POLICIES = env.str("KUBERNETES_ENFORCES_POLICIES", "") or "false"
KUBERNETES_REFUSED = env.list("KUBERNETES_REFUSED", default=[])

# -- webhooks --------------------------------------------------------------------------------------

WEBHOOK_ALLOW_PRIVATE = parse_bool(
    "WEBHOOK_ALLOW_PRIVATE", env.str("WEBHOOK_ALLOW_PRIVATE", ""), default=False
)
# They get an email when a webhook is switched off.
ADMINS = [
    ("", validate_mailbox("ADMIN_EMAILS", to))
    for to in strip_items(env.list("ADMIN_EMAILS", default=[]))
]

# -- e-mail ----------------------------------------------------------------------------------------

SITE_URL = env.str("SITE_URL", "").rstrip("/")
if SITE_URL:
    validate_site("SITE_URL", SITE_URL)
# It may hold a password, so no setting keeps the whole URL.
_email_url = env.str("EMAIL_URL", "")
MAIL_IS_ON = bool(_email_url)
if _email_url:
    validate_mail_server("EMAIL_URL", _email_url)
_email = env.email_url_config(_email_url or "dummymail://")
EMAIL_BACKEND = (
    "operations.mail.file_backend.EmailBackend"
    if _email_url.startswith("filemail:")
    else _email["EMAIL_BACKEND"]
)
EMAIL_FILE_PATH = _email["EMAIL_FILE_PATH"]
EMAIL_HOST = _email["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _email["EMAIL_PORT"] or MAIL_PORTS.get(_email_url.partition("://")[0], 25)
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
# Seconds for each response of the mail server; a message is leased for much longer.
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "") or "noreply@localhost"
validate_mailbox("DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_REPLY_TO = env.str("EMAIL_REPLY_TO", "")
if EMAIL_REPLY_TO:
    validate_mailbox("EMAIL_REPLY_TO", EMAIL_REPLY_TO)
REMIND_HOURS = parse_reminder_hours("REMIND_HOURS", env.str("REMIND_HOURS", "") or "24")

# -- company ---------------------------------------------------------------------------------------

COMPANY_NAME = parse_company_name("COMPANY_NAME", env.str("COMPANY_NAME", ""))
COMPANY_CONTACT = env.str("COMPANY_CONTACT", "").strip()
if COMPANY_CONTACT:
    validate_email_address("COMPANY_CONTACT", COMPANY_CONTACT)

# -- sign-in ---------------------------------------------------------------------------------------

OIDC_ISSUER = env.str("OIDC_ISSUER", "").strip()
if OIDC_ISSUER:
    validate_issuer("OIDC_ISSUER", OIDC_ISSUER)
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "").strip()
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "").strip()
OIDC_ROLE_CLAIM = env.str("OIDC_ROLE_CLAIM", "").strip()
OIDC_DEFAULT_ROLE = env.str("OIDC_DEFAULT_ROLE", "").strip()
OIDC_ALLOWED_DOMAINS = parse_domains("OIDC_ALLOWED_DOMAINS", env.str("OIDC_ALLOWED_DOMAINS", ""))
REQUIRE_SECOND_FACTOR = parse_bool(
    "REQUIRE_SECOND_FACTOR", env.str("REQUIRE_SECOND_FACTOR", ""), default=False
)
# `operations.rate_limit` counts attempts for every page. django-otp would refuse a right code as
# well, without a word on why.
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0

# -- monitoring ------------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRICS_PORT = parse_port("METRICS_PORT", env.str("METRICS_PORT", ""))
LOG_FORMAT = env.str("LOG_FORMAT", "") or ("readable" if DEBUG else "json")
if LOG_FORMAT not in ("json", "readable"):
    raise ImproperlyConfigured("LOG_FORMAT must be json or readable.")

# -- Django ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",
    "dashboard.apps.TeamAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Ordinals, such as a place in line.
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "ninja",
    "interviews",
    "operations",
    "candidate_portal",
    "dashboard.apps.DashboardConfig",
    "takehome_platform",
]
MIDDLEWARE = [
    "takehome_platform.observability.request_logging.request_logging",
    "takehome_platform.infra_endpoints.infra_endpoints",
    "takehome_platform.compression.CompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    # Before those that refuse a request themselves, whose pages must not be framed either.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "takehome_platform.errors.ErrorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.second_factor.requirement.require_second_factor",
    "takehome_platform.request_limits.middleware.body_limit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "takehome_platform.head_requests.head_as_get",
    "takehome_platform.error_pages.unknown_paths",
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
                "operations.branding.brand_context",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "takehome_platform.rendering.jinja_environment.environment"},
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
USE_I18N = True
# In the order of the list on pages; names are in the language itself.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
# Pages follow the browser's language; this is for other browsers, emails and workers.
LANGUAGE_CODE = parse_language(
    "DEFAULT_LANGUAGE", env.str("DEFAULT_LANGUAGE", ""), [code for code, _ in LANGUAGES]
)
# Before those of the apps, where the admin's translations of "History" or "Save" would come first.
LOCALE_PATHS = [
    BASE_DIR / app / "locale"
    for app in ("candidate_portal", "dashboard", "interviews", "operations", "takehome_platform")
]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["takehome_platform.formats"]
USE_TZ = True
# The server uses UTC everywhere; pages show the viewer's own time zone.
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# -- uploads ---------------------------------------------------------------------------------------

# Only challenges are uploaded. The form reports one that is too large, and keeps its other fields.
FILE_UPLOAD_HANDLERS = ["dashboard.uploads.handler.BoundedUpload"]
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000

# -- security --------------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "takehome_platform.error_pages.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# The address of a candidate's page has the passcode, so no other site may get it.
SECURE_REFERRER_POLICY = "same-origin"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # For 30 days a browser uses https only. This holds for every port of the host, so it must wait
    # until workspaces, which may be at ports of the same host, have https too.
    WORKSPACE_URL = {
        "swarm": SWARM_WORKSPACE_URL,
        "kubernetes": KUBERNETES_WORKSPACE_URL,
    }.get(PROVISIONER, DOCKER_WORKSPACE_URL)
    if WORKSPACE_URL.startswith("https://"):
        SECURE_HSTS_SECONDS = 30 * 24 * 3600
SILENCED_SYSTEM_CHECKS = [
    # The domain's other hosts are not ours to decide about.
    "security.W005",
    "security.W021",
    # The proxy redirects to https, but for browsers on its own machine.
    "security.W008",
]
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

# -- Celery, which notifies workers; the queue is the operations table -----------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A worker without -Q serves all of them.
CELERY_TASK_QUEUES = [Queue(name.value) for name in TaskQueue]  # type: ignore[no-untyped-call]
CELERY_TASK_DEFAULT_QUEUE = TaskQueue.DEFAULT.value
CELERY_TASK_ROUTES = {task: {"queue": name.value} for task, name in TASK_QUEUES.items()}
# Engines take minutes to provision: a busy worker must not reserve operations.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A click must not hang while the broker is down: the reconciler enqueues the operation again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "max_retries": 1,
    "global_keyprefix": f"{TABLE_PREFIX}celery:",
}

# -- logs ------------------------------------------------------------------------------------------

LOGGING = logging_config.configure_logging(readable=LOG_FORMAT == "readable")
