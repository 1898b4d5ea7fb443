"""All settings of the hub, in one file; behaviour differs by environment variables only (see dotenv-sample)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from psycopg.conninfo import make_conninfo

from mdm import embedded, env
from mdm.errors import BadConfiguration

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_FOLDER = Path(env.text("CONCORD_DATA", str(BASE_DIR / ".data"))).resolve()
PRODUCTION = env.flag("CONCORD_PRODUCTION")
DEBUG = env.flag("CONCORD_DEBUG")
DOMAINS_FOLDER = Path(env.text("CONCORD_DOMAINS", str(BASE_DIR / "mdm" / "domains")))

# --- Secrets and hosts. A laptop makes its own key once; production must bring one.
SECRET_KEY = env.secret("CONCORD_SECRET_KEY")
if not SECRET_KEY:
    if PRODUCTION:
        raise BadConfiguration("CONCORD_SECRET_KEY is unset; in production give a long random text, or CONCORD_SECRET_KEY_FILE.")
    SECRET_KEY = embedded.own_secret(DATA_FOLDER)
# The first keeps the keys of erased persons from coming back; those after it are still looked for.
SUPPRESSION_SECRETS = [word for word in env.secret("CONCORD_SUPPRESSION_SECRET", SECRET_KEY).split(",") if word]
ALLOWED_HOSTS = env.words("CONCORD_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
PORT = env.integer("CONCORD_PORT", 8000, least=1, most=65_000)
BIND = env.text("CONCORD_BIND", "127.0.0.1")

# --- Applications
INSTALLED_APPS = [
    "mdm",
    "connectors",
    "stewardship",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "stewardship.middleware.HubErrors",
]
ROOT_URLCONF = "mdm.urls"
WSGI_APPLICATION = "mdm.wsgi.application"
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
    }
]

# --- Database: PostgreSQL, ours when none is named
DATABASE_URL = env.secret("DATABASE_URL")
EMBEDDED_POSTGRES = not DATABASE_URL
_conninfo: dict[str, Any] = env.conninfo("DATABASE_URL") if DATABASE_URL else dict(embedded.connection(DATA_FOLDER))
BROKER_CONNINFO = make_conninfo(**{"user": "postgres", "password": "unused", **_conninfo})  # pgmq wants both named
DATABASES = {
    "default": {
        "ENGINE": "mdm.postgres",
        "NAME": _conninfo.pop("dbname", "concord"),
        "USER": _conninfo.pop("user", ""),
        "PASSWORD": _conninfo.pop("password", ""),
        "HOST": _conninfo.pop("host", ""),
        "PORT": str(_conninfo.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "concord", **_conninfo},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery: messages are doorbells, the work is rows; the default broker lives in the same PostgreSQL
EMBEDDED_BROKER = env.secret("CELERY_BROKER_URL", "pgmq://") == "pgmq://"
CELERY_BROKER_URL = "pgmq://localhost" if EMBEDDED_BROKER else env.secret("CELERY_BROKER_URL")
_broker = env.one_of("CELERY_BROKER_URL", CELERY_BROKER_URL.partition(":")[0], "pgmq amqp amqps redis rediss memory")
_transport_options: dict[str, dict[str, Any]] = {
    "amqp": {"confirm_publish": True},  # else a full RabbitMQ drops messages without a word
    "redi": {"visibility_timeout": 1800, "socket_timeout": 30, "socket_keepalive": True},
    "pgmq": {"visibility_timeout": 1800, "init_extension": False, "use_notify": True, "wait_time_seconds": 0}
    | {"polling_interval": 0.2, "pool_size": 4, "pool_timeout": 2}
    | ({"conn_string": BROKER_CONNINFO} if EMBEDDED_BROKER else {}),
}
CELERY_BROKER_TRANSPORT_OPTIONS = _transport_options.get(_broker[:4], {})
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for ever
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}  # the sweeper rings again
_quorum = {"queue_arguments": {"x-queue-type": "quorum"}} if _broker.startswith("amqp") else {}
CELERY_TASK_QUEUES = {
    name: {"exchange": "concord", "exchange_type": "direct", "routing_key": name, **_quorum}
    for name in ("critical", "sync", "bulk", "reconcile", "default")
}
CELERY_TASK_DEFAULT_QUEUE, CELERY_TASK_DEFAULT_EXCHANGE, CELERY_TASK_CREATE_MISSING_QUEUES = "default", "concord", False
CELERY_TASK_SERIALIZER, CELERY_RESULT_SERIALIZER, CELERY_ACCEPT_CONTENT = "json", "json", ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 55, 60  # seconds; a long task names its own
JOB_LEASE_SECONDS = env.integer("CONCORD_LEASE_SECONDS", 60, least=2, most=3_600)  # how long a silent worker keeps its jobs
CELERY_WORKER_PREFETCH_MULTIPLIER, CELERY_WORKER_MAX_TASKS_PER_CHILD = 1, 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = _broker != "pgmq"  # it would poll two more tables per worker
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # keeps nothing on disk; schedules are rows with a unique tick
CELERY_BEAT_SCHEDULE = {"tick": {"task": "mdm.tick", "schedule": 1.0, "options": {"queue": "critical", "expires": 10}}}
CELERY_TIMEZONE = "UTC"

# --- People and sessions
AUTH_USER_MODEL = "mdm.User"
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "/", "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY, SESSION_COOKIE_SAMESITE, CSRF_COOKIE_SAMESITE = True, "Lax", "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("CONCORD_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("CONCORD_BEHIND_PROXY") else None
CSRF_TRUSTED_ORIGINS = env.words("CONCORD_ORIGINS")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["mdm.api.auth.Token", "mdm.api.auth.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mdm.api.parsers.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "mdm.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

# --- Language, time, static files
LANGUAGE_CODE, TIME_ZONE, USE_I18N, USE_TZ = "en-gb", "UTC", True, True
STATIC_URL, STATIC_ROOT = "static/", DATA_FOLDER / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Logs: one line an event, ids instead of personal data
LOG_LEVEL = env.one_of("CONCORD_LOG", env.text("CONCORD_LOG", "INFO").upper(), "DEBUG INFO WARNING ERROR CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django.request": {"level": "ERROR"}}
    | {name: {"level": "WARNING"} for name in ("django.server", "httpx2", "pgmq", "kombu")},  # a line per call, else
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Concord",
    "VERSION": "1",
    "DESCRIPTION": "The REST interface of the hub. Authorization: Token …; errors are application/problem+json with code and "
    "errors[]; "
    "every POST takes an Idempotency-Key.",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["mdm.api.schema.complete"],
    "ENUM_NAME_OVERRIDES": {},
}
