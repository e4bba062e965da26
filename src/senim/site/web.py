"""What makes Django answer the web safely: sessions, cookies, headers, templates, sign-in."""

from pathlib import Path

import msgspec

from senim.kit.instance import Instance

_PACKAGE = Path(__file__).resolve().parent


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[console]` of senim.toml."""

    host: str = "127.0.0.1"
    """The address it listens on; a demonstration never listens on another."""
    port: int = 8443
    names: list[str] = msgspec.field(default_factory=lambda: ["localhost", "127.0.0.1"])
    """The host names people may use; any other Host header is refused."""


def console_settings(instance: Instance) -> ConsoleSettings:
    """Table `[console]`."""
    return instance.section("console", ConsoleSettings)


def console_hosts(console: ConsoleSettings) -> list[str]:
    """Django's ALLOWED_HOSTS."""
    return list(console.names)


ROOT_URLCONF = "senim.site.urls"
WSGI_APPLICATION = "senim.site.wsgi.application"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
