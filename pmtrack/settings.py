"""All settings, on one page; what differs between machines comes from the environment (docs/operations.md lists it)."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from pmtrack.environment import database, flag, secret, words
from pmtrack.stack import discovery
from pmtrack.web import log_setup, shared_counts

BASE_DIR = Path(__file__).resolve().parent.parent


# What this process is: web, worker, beat, sweep or manage. Time limits and broker patience differ by role.
ROLE = os.environ.get("PMTRACK_ROLE", "manage")
# Development comforts. `manage.py up` sets it and commands beside it share it; production leaves it off.
LOCAL = flag("PMTRACK_LOCAL", default=discovery.beside_up())
# What people run by hand and what migrates works with the login that owns the tables, where there are two.
OWNS_TABLES = ROLE in {"manage", "migrate"}
DEBUG = False

SECRET_KEY = secret("SECRET_KEY")
# Mixed into token digests, so that a stolen table of digests is of no use.
TOKEN_PEPPER = secret("TOKEN_PEPPER")
ALLOWED_HOSTS = words("PMTRACK_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# Where people find pmtrack: letters are written where no request says it.
PUBLIC_URL = (
    os.environ.get("PMTRACK_URL") or ("http://localhost:8000" if LOCAL else f"https://{ALLOWED_HOSTS[0].lstrip('.')}")
).rstrip("/")
CSRF_TRUSTED_ORIGINS = words("PMTRACK_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "pmtrack",
    "metrics",
    "feedback",
    "products",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "csp",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "pmtrack.web.request_ids.RequestIdMiddleware",
    "pmtrack.web.access_lines.AccessMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pmtrack.web.outages.OutageMiddleware",
    "csp.middleware.CSPMiddleware",
    "products.views.revalidation.RevalidationMiddleware",
    "pmtrack.web.wake.WakeMiddleware",
    "products.views.audit_trail.AuditMiddleware",
    "pmtrack.web.acting.ActingMiddleware",
    "products.api.push_log.PushLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "pmtrack.urls"
WSGI_APPLICATION = "pmtrack.wsgi.application"
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
                "metrics.views.shell.shell",
            ],
        },
    }
]

DATABASES = {
    "default": database(
        (ROLE in {"manage", "migrate"} and discovery.owner_url())  # only the programs have a lesser login
        or discovery.database_url()
        or "postgresql://no-server-configured.invalid/set-DATABASE_URL-or-run-manage.py-up",
        role=ROLE,
    )
}
BROKER_URL = discovery.redis_url() or "redis://no-server-configured.invalid/0"
# Rate limits of the sign-in only: counted by all web processes together, by each alone while the broker is away.
CACHES = {
    "default": {
        "BACKEND": "pmtrack.web.shared_cache.SharedCache",
        "LOCATION": BROKER_URL,
        "KEY_PREFIX": "pmtrack:cache",
    }
}

AUTH_USER_MODEL = "products.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# How long a link to choose a password with holds, in seconds; the pages say "three days".
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "products.views.sign_in.SignIn"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = os.environ.get("PMTRACK_STATIC_ROOT", str(BASE_DIR / ".pmtrack" / "static"))
# Finders serve straight from the source tree under `up`; production runs collectstatic and serves hashed names.
WHITENOISE_USE_FINDERS = LOCAL
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    }
}

EMAIL_BACKEND = (
    "django.core.mail.backends.filebased.EmailBackend" if LOCAL else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_FILE_PATH = os.environ.get("PMTRACK_MAIL_FOLDER", str(BASE_DIR / ".pmtrack" / "mail"))
EMAIL_HOST = os.environ.get("PMTRACK_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("PMTRACK_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("PMTRACK_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PMTRACK_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = flag("PMTRACK_EMAIL_TLS", default=False)
# A mail server that stands still must not hold up the worker, whose jobs end after 45 seconds.
EMAIL_TIMEOUT = 5
# Where announcements may be posted to: hosts of chat tools, whose webhooks take {"text": …}. None unless told.
POST_HOSTS = words("PMTRACK_POST_HOSTS")
# Chats inside the company, as host:port; these alone may be at private addresses and may be spoken to without TLS.
POST_HOSTS_INSIDE = words("PMTRACK_POST_HOSTS_INSIDE")
DEFAULT_FROM_EMAIL = os.environ.get("PMTRACK_FROM_EMAIL", "pmtrack@localhost")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Over plain http on this machine the secure flags would lock everybody out; anywhere else they are on.
SECURE_SSL_REDIRECT = not LOCAL and flag("PMTRACK_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SESSION_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_SECURE = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
if flag("PMTRACK_BEHIND_PROXY", default=False):
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # else all of a company would share the sign-in's limit of the proxy's address
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The largest body that any route accepts; each route has its own lower limit (pmtrack/web/parsing.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = [
    "pmtrack.web.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "products.api.authentication.TokenAuthentication",
        "products.api.authentication.SessionReading",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["pmtrack.web.parsing.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "pmtrack.web.answers.AlwaysJson",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_THROTTLE_CLASSES": ["pmtrack.web.throttles.TokenThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "pmtrack.web.errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Requests a minute for each token, over all web processes.
API_RATE_PER_MINUTE = int(os.environ.get("PMTRACK_API_RATE", "600"))
SPECTACULAR_SETTINGS = {
    "TITLE": "pmtrack",
    "DESCRIPTION": "Release events, KPI readings, usage and feedback in; the same figures as the pages out.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "POSTPROCESSING_HOOKS": ["pmtrack.web.schema.add_components"],
}

# Tables whose changes the audit's triggers write down, with the person who made them (pmtrack/web/acting.py).
AUDITED_TABLES = [
    "products_user", "products_membership", "products_assignment", "products_productteam", "products_ally",
    "products_apitoken", "products_team", "products_product", "metrics_kpi", "metrics_kpidefinition",
    "metrics_commitment", "metrics_contextevent", "metrics_experiment",
    "metrics_enablement", "metrics_assessment", "metrics_leadnote", "metrics_reviewpack",
    "products_signoff", "products_signoffrule",
]  # fmt: skip

# Working days within which a helped release counts as having happened: one for the company. A change gets a new version, which each
# row of credit names; no more than days saved may be (metrics.models.MOST_DAYS).
CREDIT_HORIZON = {"version": 1, "days": 90}
# Off in tests that watch the drain step by step.
WAKE_AFTER_WRITES = flag("PMTRACK_WAKE", default=True)

# Celery: messages are only wake-ups, PostgreSQL is the truth (docs/architecture.md). Every value below keeps that so.
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}
    if ROLE == "web"
    else {
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 3,
        "socket_timeout": 10,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 15,
    }
)

LOGGING = log_setup.logging_settings(
    role=ROLE,
    local=LOCAL,
    level=os.environ.get("PMTRACK_LOG_LEVEL", "INFO"),
    with_words=flag("PMTRACK_LOG_WORDS", default=False),
)

# Who may read /metrics besides signed-in admins: whoever bears this.
METRICS_TOKEN = os.environ.get("PMTRACK_METRICS_TOKEN", "")
# Read by prometheus_client when it is imported, so it stands before everything that imports it.
if ROLE == "web" and (counts := shared_counts.folder()) is not None:
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(counts))
