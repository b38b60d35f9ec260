"""Every setting. docs/configuration.md tells of the variables. Importing this starts and writes nothing."""

import secrets
from pathlib import Path

from customerops.embedded.paths import postgres_url, redis_url, var_dir
from customerops.env import (
    choice,
    flag,
    mail_server,
    names,
    places,
    postgres,
    real,
    region,
    secret,
    sender,
    text,
    url,
    weights,
    whole,
)
from privacy.regions import REGIONS

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = var_dir()

# --- security
DEBUG = flag("DEBUG", default=False)
# Tools that only import settings (mypy, an editor) may run before the key file exists: they get a
# throw-away key.
_secret_key = secret("SECRET_KEY", default_file=VAR_DIR / "secrets" / "secret_key")
SECRET_KEY = _secret_key or secrets.token_hex(32)
SECRET_KEY_IS_THROWAWAY = not _secret_key
_earlier_keys = secret("SECRET_KEY_FALLBACKS")
SECRET_KEY_FALLBACKS = [key.strip() for key in _earlier_keys.split(",") if key.strip()]
_contact_keys = secret("CONTACT_ENCRYPTION_KEYS", default_file=VAR_DIR / "secrets" / "contact_keys")
CONTACT_ENCRYPTION_KEYS = [key.strip() for key in _contact_keys.split(",") if key.strip()]
_subject_keys = secret("SUBJECT_KEYS", default_file=VAR_DIR / "secrets" / "subject_keys")
SUBJECT_KEYS = [key.strip() for key in _subject_keys.split(",") if key.strip()]
ALLOWED_HOSTS = names("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = names("CSRF_TRUSTED_ORIGINS")
HTTPS = flag("HTTPS", default=False)
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]  # probes and scrapes come from inside
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = whole("HSTS_SECONDS", 3600 if HTTPS else 0, at_least=0, at_most=63_072_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", default=False) else None
X_FRAME_OPTIONS = "DENY"

# --- applications
INSTALLED_APPS = [
    "customerops.apps.SiteConfig",  # django.contrib.admin with our front page
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_filters",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework_api_key",
    "privacy",
    "leads",
    "modeling",
    "followups",
    "customerops",
]
MIDDLEWARE = [
    "customerops.metrics.BeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "customerops.pages.content_security_policy",
    "customerops.metrics.AfterMiddleware",
]
ROOT_URLCONF = "customerops.urls"
WSGI_APPLICATION = "customerops.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "customerops" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "customerops.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(VAR_DIR / "static")))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- data services: one URL each; unset means the embedded servers below VAR_DIR
DATABASES = {
    "default": postgres(
        "DATABASE_URL",
        postgres_url(),
        connect_seconds=whole("DATABASE_CONNECT_SECONDS", 3, at_least=2, at_most=60),
        statement_seconds=whole("DATABASE_STATEMENT_SECONDS", 0, at_least=0, at_most=86_400),
    )
}
DATABASE_LOCK_SECONDS = whole("DATABASE_LOCK_SECONDS", 5, at_least=0, at_most=3600)  # in web processes
REDIS_URL = url("REDIS_URL", redis_url(), schemes=("redis", "rediss", "unix"))

# --- Celery (customerops/celery.py derives the broker's dialect of REDIS_URL)
BROKERS = ("redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps")
BROKER_URL = url("BROKER_URL", "", schemes=BROKERS)  # empty: REDIS_URL, on the next database
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TASK_SOFT_TIME_LIMIT = 3500
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"modeling.tasks.run_retraining": {"queue": "training"}}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than any task may run: a shorter time would hand a running task to a second worker.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 7200, "unacked_restore_interval": 10}
# Children are replaced now and then: what a library leaks goes with them.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_RESULT_EXPIRES = None  # no results are kept, so there is nothing to clean up at 4 a.m. either
CELERY_BEAT_SCHEDULER = "customerops.beat:SingleBeatScheduler"
CELERY_BEAT_SYNC_EVERY = 1  # a beat that takes over must know what the other has fired
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# The schedule lives in PeriodicTask rows (customerops/schedule.py); this setting would overwrite admin edits.
CELERY_BEAT_SCHEDULE: dict[str, object] = {}

# --- REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["customerops.api.auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["customerops.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["customerops.api.json.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["customerops.api.json.OrjsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "customerops.api.json.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "customerops.api.paging.Cursor",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "customerops.api.schema.Schema",
    "EXCEPTION_HANDLER": "customerops.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # Accept decides; a parameter named format is no business of the renderers
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CustomerOps",
    "DESCRIPTION": "Leads and their messages in, kept without what is personal; scores with reasons out;"
    " and a model that learns nightly from how leads ended.",
    "VERSION": "1",
    "TAGS": [
        {"name": "leads"},
        {"name": "messages"},
        {"name": "scores"},
        {"name": "followups"},
        {"name": "ops"},
    ],
    "ENUM_NAME_OVERRIDES": {
        "FollowUpStatusEnum": "followups.models.Status",
        "FollowUpStateEnum": "followups.standing.State",
        "EffectVerdictEnum": "followups.effect.Verdict",
        "GradeEnum": "leads.models.Grade",
        "StateEnum": "leads.models.State",
        "StatusEnum": "modeling.models.RetrainRun.Status",
        "VerdictEnum": "modeling.models.Verdict",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
}
DATA_UPLOAD_MAX_MEMORY_SIZE = whole("MAX_BODY_BYTES", 10_000_000, at_least=10_000, at_most=1_000_000_000)

# --- observability
LOG_LEVEL = choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})
LOGGING_CONFIG = "customerops.log.configure"
LOGGING = {"level": LOG_LEVEL}
LOG_FILES = names("LOG_FILES")
PROMETHEUS_LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, float("inf"))
PROMETHEUS_EXPORT_MIGRATIONS = False

# --- manage.py up and run
HOST = text("HOST", "127.0.0.1")
PORT = whole("PORT", 8000, at_least=1, at_most=65_535)
METRICS_PORT = whole("METRICS_PORT", 9100, at_least=1, at_most=65_535)
WEB_WORKERS = whole("WEB_WORKERS", 2, at_least=1, at_most=256)
DEMO = flag("DEMO", default=True)
LOG_FORMAT = choice("LOG_FORMAT", "readable", {"readable", "json"})

# --- leads
OUTCOME_HORIZON_DAYS = whole("OUTCOME_HORIZON_DAYS", 30, at_least=1, at_most=3650)
OUTCOME_REWARDS = weights(
    "OUTCOME_REWARDS",
    {"booked": 1.0, "qualified": 0.5, "nurture": 0.2, "ghosted": 0.0, "unqualified": -0.2, "spam": -1.0},
)
BATCH_LIMIT = 1000

# --- privacy
PHONE_REGION = region("PHONE_REGION", "US", REGIONS)

# --- conversation memory
MEMORY_TURNS = whole("MEMORY_TURNS", 50, at_least=1, at_most=1000)
MEMORY_HOURS = whole("MEMORY_HOURS", 720, at_least=1, at_most=87_600)

# --- how long people are kept; 0 keeps for ever
RETENTION_MESSAGE_DAYS = whole("RETENTION_MESSAGE_DAYS", 365, at_least=0, at_most=36_500)
RETENTION_CONTACT_DAYS = whole("RETENTION_CONTACT_DAYS", 730, at_least=0, at_most=36_500)
RETENTION_LEAD_DAYS = whole("RETENTION_LEAD_DAYS", 1825, at_least=0, at_most=36_500)

# --- learning
MODEL_MIN_LEADS = whole("MODEL_MIN_LEADS", 200, at_least=50, at_most=10_000_000)
MODEL_MIN_CONVERTED = whole("MODEL_MIN_CONVERTED", 30, at_least=10, at_most=1_000_000)
MODEL_SEED = whole("MODEL_SEED", 20, at_least=0, at_most=2**31 - 1)
TUNING_SECONDS = real("TUNING_SECONDS", 60.0, at_least=0.0, at_most=86_400.0)
TRAINING_LEASE_SECONDS = whole("TRAINING_LEASE_SECONDS", 60, at_least=5, at_most=3600)
RELOAD_POLL_SECONDS = real("RELOAD_POLL_SECONDS", 1.0, at_least=0.1, at_most=60.0)

# --- follow-ups
PUBLIC_URL = url("PUBLIC_URL", "", schemes=("https", "http")).rstrip("/")
_mail = mail_server("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starttls, _mail.tls
EMAIL_TIMEOUT = 10  # seconds for each answer; the channel bounds them all together
FOLLOWUP_FROM = sender("FOLLOWUP_FROM")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = FOLLOWUP_FROM or "customerops@localhost"
FOLLOWUP_PRIVATE_RECEIVERS = places("FOLLOWUP_PRIVATE_RECEIVERS")

# --- watching what serves
LIVE_QUALITY_DAYS = whole("LIVE_QUALITY_DAYS", 28, at_least=1, at_most=3650)
DRIFT_DAYS = whole("DRIFT_DAYS", 14, at_least=1, at_most=365)
DRIFT_PSI = real("DRIFT_PSI", 0.25, at_least=0.01, at_most=10.0)
DRIFT_RETRAIN = flag("DRIFT_RETRAIN", default=False)
DRIFT_RETRAIN_COOLDOWN_DAYS = whole("DRIFT_RETRAIN_COOLDOWN_DAYS", 7, at_least=1, at_most=365)
AUTO_ROLLBACK = flag("AUTO_ROLLBACK", default=False)
AUTO_ROLLBACK_COOLDOWN_DAYS = whole("AUTO_ROLLBACK_COOLDOWN_DAYS", 14, at_least=1, at_most=365)
