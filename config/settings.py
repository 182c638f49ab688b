"""Settings by environment. docs/settings.md lists every variable read here."""

import os
import secrets
from pathlib import Path

from redis.backoff import NoBackoff
from redis.retry import Retry

from config.environment import flag, items, networks, number, text
from config.supervisor.home import home_dir
from config.supervisor.urls import database_url, leads_nowhere, public_url, redis_url
from core.dburl import parse_database_url

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = home_dir()
PRODUCTION = flag("MAINSTAY_PRODUCTION")
DEBUG = flag("MAINSTAY_DEBUG") and not PRODUCTION


def _secret_key() -> str:
    """The signing key: from the environment, else (never in production) one kept in the home."""
    given = text("MAINSTAY_SECRET_KEY")
    if given:
        return given
    if PRODUCTION:
        raise RuntimeError("MAINSTAY_SECRET_KEY must be set in production (50 random characters or more).")
    kept = HOME / "run" / "secret_key"
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    except OSError:
        return "unsaved-" + secrets.token_urlsafe(64)
    return kept.read_text() or "unsaved-" + secrets.token_urlsafe(64)


SECRET_KEY = _secret_key()
# Former keys: what they signed (sessions, links in messages) holds until it ends by itself.
SECRET_KEY_FALLBACKS = items("MAINSTAY_SECRET_KEY_FALLBACKS")
# Keys that seal stored secrets, newest first.
MAINSTAY_SECRET_KEYS = items("MAINSTAY_SECRET_KEYS") or [SECRET_KEY]

HOST = text("HOST", "127.0.0.1")
PORT = number("PORT", 8000)
MAINSTAY_PUBLIC_URL = public_url(os.environ)
ALLOWED_HOSTS = items("MAINSTAY_ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]", HOST]
CSRF_TRUSTED_ORIGINS = items("MAINSTAY_CSRF_TRUSTED_ORIGINS") or [MAINSTAY_PUBLIC_URL]
MAINSTAY_TRUSTED_PROXIES = number("MAINSTAY_TRUSTED_PROXIES", 0)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "core",
    "accounts",
    "services",
    "notifications",
    "rotas",
    "runbooks",
    "monitoring",
    "incidents",
    "reporting",
    "integrations",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.http.csp.PortalCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.http.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.shell",
            ],
        },
    },
]

_DATABASE_URL = database_url(os.environ)
_DATABASE = parse_database_url(_DATABASE_URL)
_POOL = {"min_size": 1, "max_size": number("MAINSTAY_DB_POOL", 12), "timeout": 5}
_SESSION = "-c timezone=UTC -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
DATABASES = {
    "default": {
        **_DATABASE,
        "CONN_MAX_AGE": 0,
        # A pool asks each connection before handing it out, so a restarted server costs no request.
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            # Without a server a pool would wait and then hide the reason.
            "pool": not leads_nowhere(_DATABASE_URL) and _POOL,
            "application_name": "mainstay",
            "connect_timeout": 5,
            # A host that vanishes without a word is given up within half a minute: the system's own would be hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            **_DATABASE["OPTIONS"],
            "options": " ".join([_SESSION, *filter(None, [_DATABASE["OPTIONS"].get("options")])]),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = redis_url(os.environ)
MAINSTAY_REDIS_PREFIX = text("MAINSTAY_REDIS_PREFIX", "mainstay:")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": MAINSTAY_REDIS_PREFIX + "cache",
        "OPTIONS": {
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
            # one try: the library's own ten would take four seconds of a request
            "retry": Retry(NoBackoff(), 0),
        },
    }
}

# Celery only wakes; what must happen later is a row with a due time.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": MAINSTAY_REDIS_PREFIX,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "engine"
CELERY_TASK_ROUTES = {
    task: {"queue": "delivery"}
    for task in ("notifications.tasks.deliver", "core.tasks.beat_out", "rotas.tasks.leave_calendars")
}
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 20_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = number("MAINSTAY_SESSION_HOURS", 12) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "mainstay_session"
CSRF_COOKIE_NAME = "mainstay_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = not flag("MAINSTAY_NO_SSL_REDIRECT")
    SECURE_HSTS_SECONDS = number("MAINSTAY_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    if MAINSTAY_TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_SELF = ["'self'"]
_SHUT = {
    "default-src": ["'none'"],
    "connect-src": _SELF,
    "font-src": _SELF,
    "img-src": ["'self'", "data:"],
    "manifest-src": _SELF,
    "script-src": _SELF,
    "style-src": _SELF,
    "form-action": _SELF,
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _SHUT}
# unfold's Alpine evaluates expressions and sets inline styles; docs/architecture/adr/0002-admin-content-policy.md.
MAINSTAY_ADMIN_CSP = {
    **_SHUT,
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
# The words are English until a translation ships: looking each of them up would cost a page a tenth of its time.
USE_I18N = LOCALE_PATHS[0].is_dir()
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or flag("MAINSTAY_PLAIN_STATIC")
        else "core.http.static.PortalStaticStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or flag("MAINSTAY_PLAIN_STATIC")
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# E-mail leaves by SMTP when a host is given; else it stays on the outbox page.
EMAIL_HOST = text("MAINSTAY_SMTP_HOST")
EMAIL_PORT = number("MAINSTAY_SMTP_PORT", 587)
EMAIL_HOST_USER = text("MAINSTAY_SMTP_USER")
EMAIL_HOST_PASSWORD = text("MAINSTAY_SMTP_PASSWORD")
EMAIL_USE_TLS = flag("MAINSTAY_SMTP_STARTTLS", default=bool(EMAIL_HOST_USER))
EMAIL_USE_SSL = flag("MAINSTAY_SMTP_SSL")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = text("MAINSTAY_MAIL_FROM", "Mainstay <mainstay@localhost>")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

# Whom Mainstay may call besides public addresses
MAINSTAY_OUTBOUND_ALLOW = networks("MAINSTAY_OUTBOUND_ALLOW")
# Services that people may be reached by: all speak HTTP in the sender's own thread, where the guard is
MAINSTAY_APPRISE_SCHEMES = items("MAINSTAY_APPRISE_SCHEMES") or [
    "bark", "barks", "dingtalk", "discord", "feishu", "gchat", "gotify", "gotifys", "lark",
    "mmost", "mmosts", "nctalk", "nctalks", "ntfy", "ntfys", "pagerduty", "pbul", "pover", "prowl",
    "rocket", "rockets", "signal", "signals", "slack", "tgram", "twilio", "workflows", "wxteams", "zulip",
]  # fmt: skip

# Engines and intake
MAINSTAY_TEST_CLOCK = flag("MAINSTAY_TEST_CLOCK")
MAINSTAY_NUDGES = flag("MAINSTAY_NUDGES", default=True)
MAINSTAY_INTAKE_MAX_BYTES = number("MAINSTAY_INTAKE_MAX_BYTES", 1024 * 1024)
MAINSTAY_JOIN_WINDOW_MINUTES = number("MAINSTAY_JOIN_WINDOW_MINUTES", 60)
MAINSTAY_NO_DATA_MINUTES = number("MAINSTAY_NO_DATA_MINUTES", 15)
MAINSTAY_RAW_DAYS = number("MAINSTAY_RAW_DAYS", 30)
MAINSTAY_MESSAGE_DAYS = number("MAINSTAY_MESSAGE_DAYS", 180)
MAINSTAY_ATTEMPT_DAYS = number("MAINSTAY_ATTEMPT_DAYS", 90)
MAINSTAY_AUDIT_DAYS = number("MAINSTAY_AUDIT_DAYS", 1095)
MAINSTAY_METRICS_TOKEN = text("MAINSTAY_METRICS_TOKEN")
MAINSTAY_HEARTBEAT_URL = text("MAINSTAY_HEARTBEAT_URL")
MAINSTAY_HEARTBEAT_SECONDS = number("MAINSTAY_HEARTBEAT_SECONDS", 60)
MAINSTAY_SIGN_IN_TRIES = number("MAINSTAY_SIGN_IN_TRIES", 5)
MAINSTAY_SIGN_IN_LOCK_MINUTES = number("MAINSTAY_SIGN_IN_LOCK_MINUTES", 15)
MAINSTAY_ACTION_LINK_HOURS = number("MAINSTAY_ACTION_LINK_HOURS", 24)
MAINSTAY_ORGANISATION = text("MAINSTAY_ORGANISATION", "Mainstay Support")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.ScopedPermission"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.filtering.KeptFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.PlainJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "core.api.errors.handle",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mainstay API",
    "DESCRIPTION": "Alerts come in, people are called, promises are counted. Errors have one shape; see docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "IncidentState": "incidents.choices.state_choices",
        "ClockState": "incidents.choices.clock_state_choices",
        "MessageState": "notifications.choices.message_state_choices",
        "ContactState": "notifications.choices.contact_state_choices",
        "ContactKind": "notifications.choices.contact_kind_choices",
        "RunState": "rotas.choices.run_state_choices",
        "HandoverState": "rotas.choices.handover_state_choices",
        "BudgetState": "services.choices.budget_state_choices",
        "FeltEffect": "incidents.choices.felt_choices",
        "ImpactEffect": "services.choices.effect_choices",
        "RawState": "monitoring.choices.raw_state_choices",
        "Severity": "services.choices.severity_choices",
        "SignalSeverity": "monitoring.choices.signal_severity_choices",
        "IncidentUrgency": "incidents.choices.urgency_choices",
        "MessageUrgency": "notifications.choices.urgency_choices",
        "Party": "services.choices.party_choices",
        "ServiceKind": "services.choices.kind_choices",
        "EntryKind": "incidents.choices.entry_kind_choices",
        "PromiseKind": "services.choices.promise_choices",
        "AgreementKind": "services.choices.agreement_kind_choices",
        "AgreementVersionState": "services.choices.version_state_choices",
        "TargetMode": "services.choices.target_mode_choices",
        "RungUnit": "services.choices.rung_unit_choices",
        "RungAct": "services.choices.rung_act_choices",
        "RungWhom": "services.choices.rung_whom_choices",
        "OnReopen": "services.choices.on_reopen_choices",
        "OnSeverity": "services.choices.on_severity_choices",
        "ZoneSource": "services.choices.zone_source_choices",
        "CorrectionVerdict": "incidents.choices.verdict_choices",
        "CorrectionState": "incidents.choices.correction_state_choices",
        "ReplanHow": "incidents.choices.replan_how_choices",
        "Delivered": "services.choices.afterwards_choices",
        "TeamKind": "accounts.choices.team_kind_choices",
        "TargetKind": "rotas.choices.target_kind_choices",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
}
UNFOLD = {
    "SITE_TITLE": "Mainstay admin",
    "SITE_HEADER": "Mainstay",
    "SITE_SUBHEADER": "Shape the service",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": text("MAINSTAY_LOG_LEVEL", "INFO")},
    "loggers": {
        **{
            name: {"level": "WARNING"}
            for name in ("celery.app.trace", "celery.beat", "celery.worker.strategy")
        },
        # what these say of a failed request may hold a URL with a key in it
        **{name: {"level": "CRITICAL"} for name in ("apprise", "urllib3", "requests", "httpx", "httpcore")},
    },
}
