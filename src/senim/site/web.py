"""What makes Django answer the web safely: sessions, cookies, headers, templates, sign-in."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from csp.constants import NONE, SELF

from senim.identity import session_limits
from senim.kit.instance import Instance
from senim.site.layout import PACKAGE


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[console]` of senim.toml."""

    host: str = "127.0.0.1"
    """The address it listens on; a demonstration never listens on another."""
    port: int = 8443
    names: list[str] = msgspec.field(default_factory=lambda: ["localhost", "127.0.0.1"])
    """The host names people may use; any other Host header is refused."""


THREADS = 8
"""In which the console answers; each has a database connection of its own."""


def console_settings(instance: Instance) -> ConsoleSettings:
    """Table `[console]`."""
    return instance.section("console", ConsoleSettings)


def access_log(instance: Instance) -> Path:
    """Where the console notes each request; in a folder of its own, which the collector may read."""
    return instance.state("console") / "access" / "access.jsonl"


def hsts_seconds(instance: Instance) -> int:
    """How long browsers remember to use TLS only. Not at all for a demonstration: it shares `localhost`."""
    return 0 if instance.is_demonstration else int(timedelta(days=365).total_seconds())


def console_hosts(console: ConsoleSettings) -> list[str]:
    """Django's ALLOWED_HOSTS."""
    return list(console.names)


ROOT_URLCONF = "senim.site.urls"

MIDDLEWARE = [
    "senim.doors.console.correlation.Correlation",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "senim.doors.console.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "senim.doors.console.gate.Gate",
    "senim.doors.violations.Violations",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "senim.doors.console.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# Before every other catalogue: our words are the law's, and Django's Kazakh is not.
LOCALE_PATHS = sorted(str(path) for path in PACKAGE.glob("**/locale"))
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nothing of ours is for pages of another origin

FILE_UPLOAD_HANDLERS: list[str] = []
"""No form of ours takes files: what is sent as one is not kept, neither in memory nor on the disk."""

# --- headers -----------------------------------------------------------------------------------------------------
# R228/81-18(1), (5): nothing of another origin on our pages, our pages in nobody's frame.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # no redirect to TLS: the listener speaks nothing else (site/console.py)
    "security.W021",  # no HSTS preload: a console's name belongs on no public list
]
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- sessions and cookies ----------------------------------------------------------------------------------------
SESSION_ENGINE = "senim.identity.sessions"
SESSION_COOKIE_NAME = "__Host-senim-session"
SESSION_COOKIE_AGE = int(session_limits.IDLE.total_seconds())  # the longest is the gate's to keep
SESSION_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would greet whoever follows a link from a colleague's message with a sign-in
CSRF_COOKIE_NAME = "__Host-senim-csrf"
CSRF_COOKIE_SECURE = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "senim.doors.console.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Counters of failed attempts, shared by every process and machine that serves the console.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "identity_attempts",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- sign-in -----------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["senim.identity.backend.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "now"
LOGOUT_REDIRECT_URL = "account_login"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

ACCOUNT_ADAPTER = "senim.identity.adapter.StaffAccounts"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = int(session_limits.HALF_WAY.total_seconds())
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_FORMS = {
    "login": "senim.doors.console.forms.SignIn",
    "change_password": "senim.doors.console.forms.ChangePassword",
}
# What is tried on the way in is counted by us (identity.attempts), not by allauth.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_ADAPTER = "senim.identity.factors.Factors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TRUST_ENABLED = False
MFA_TOTP_TOLERANCE = 1  # concerns enrolment only; afterwards identity.factors spends each code once
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
MFA_ALLOW_UNVERIFIED_EMAIL = True  # there are no e-mail addresses to verify
MFA_FORMS = {
    "authenticate": "senim.doors.console.forms.Code",
    "reauthenticate": "senim.doors.console.forms.FreshCode",
    "activate_totp": "senim.doors.console.forms.FirstCode",
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"correlation": {"()": "senim.doors.console.correlation.Named"}},
    "formatters": {
        "line": {
            "()": "senim.site.log_lines.LogLine",
            "format": "%(asctime)s %(levelname)s %(name)s [%(correlation)s] %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["correlation"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "propagate": True}, "senim": {"level": "INFO"}},
}
