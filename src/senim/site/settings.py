"""Django's settings, a table of contents: what each room needs stands in the room.

Everything that differs between installations comes from the instance (`senim.toml`, secrets), never from here.
`SENIM_PROCESS` names the process; its secrets, and no others, are read.
"""

import os

from django.utils.translation import gettext_lazy as _

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.site.database import connections
from senim.site.web import *  # noqa: F403 - Django reads settings as names of this module
from senim.site.web import console_hosts, console_settings, hsts_seconds

SENIM_INSTANCE = Instance.load()
SENIM_PROCESS = os.environ.get("SENIM_PROCESS", "operator")
SENIM_SECRETS = secrets.load(SENIM_INSTANCE, SENIM_PROCESS)

DEBUG = False
SECRET_KEY = SENIM_SECRETS.django_key or os.urandom(32).hex()  # only the console signs anything that outlives it
CONSOLE = console_settings(SENIM_INSTANCE)
ALLOWED_HOSTS = console_hosts(CONSOLE)
SECURE_HSTS_SECONDS = hsts_seconds(SENIM_INSTANCE)
DATABASES = {"default": connections.for_process(SENIM_INSTANCE, SENIM_SECRETS)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "senim.pulse",
    "senim.audit",
    "senim.events",
    "senim.identity",
    "senim.registers",
    "senim.telemetry",
    "senim.availability",
    "senim.detection",
    "senim.history",
    "senim.asoi",
    "senim.event_feed",
    "senim.incidents",
    "senim.annual_report",
    "senim.oncall",
    "senim.exercises",
    "senim.doors.console",
    "senim.site",
]
AUTH_USER_MODEL = "identity.Account"

USE_TZ = True
TIME_ZONE = "Asia/Almaty"
USE_I18N = True
LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", _("Kazakh")), ("ru", _("Russian")), ("en", _("English"))]
