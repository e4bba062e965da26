"""Whether PostgreSQL answers, and is what every room counts on."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.kit.checks import Asked, Check, Fault

OLDEST = 150000
"""PostgreSQL 15, as the server numbers it (README)."""
_ASKED = "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('fsync')::bool"


def _answers(_asked: Asked) -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(_ASKED)
        yield from _unfit(*cursor.fetchone())


def _unfit(version: int, is_copy: bool, is_durable: bool) -> Iterator[Fault]:
    if version < OLDEST:
        yield Fault(_("The PostgreSQL server is older than 15"), _("Renew it"))
    if is_copy:
        yield Fault(_("The PostgreSQL server is a copy that takes no changes"), _("Name the one that leads"))
    if not is_durable:
        yield Fault(_("The PostgreSQL server confirms what is not on disk yet (fsync = off)"), _("Set fsync = on"))


DATABASE = Check(
    "doctor:database",
    gettext_lazy("The database"),
    gettext_lazy("PostgreSQL answers and keeps what it confirms."),
    _answers,
    wakes=timedelta(minutes=1),
)
