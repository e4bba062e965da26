"""Which processes of the house are at work, as the database sees it.

Every process signs in to the database with a role of its own and keeps that connection for as long as it works, so a
process without a connection does not run, or cannot do anything. A process that holds its connection and does nothing
is found by what waits before it: each room's checks say so.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.kit.checks import Asked, Check, Fault
from senim.kit.problems import Text

NAMES = ("asoi", "collector", "detection", "sealer", "worker")
"""All but the console, which comes and goes with its visitors, and those that need no database."""
SETTLES = timedelta(minutes=2)
"""Our choice: the supervisor starts again what has ended within ten seconds; only what lasts wakes somebody."""
_CONNECTED = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database()"


def absent() -> list[str]:
    """Those that hold no connection now."""
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTED)
        connected = {name for (name,) in cursor.fetchall()}
    return [name for name in NAMES if f"senim_{name}" not in connected]


def idle() -> dict[str, Text]:
    """Processes that do not work, by name, each with why it is thought so. The one place that judges them."""
    return dict.fromkeys(absent(), gettext_lazy("It holds no connection to the database"))


def _working(asked: Asked) -> Iterator[Fault]:
    for name, why in asked.idle.items():
        what = _("The process %(name)s does not run") % {"name": name}
        yield Fault(what, _("%(why)s; look at its log on the machine") % {"why": why})


CHECKS = (
    Check(
        "doctor:processes",
        gettext_lazy("Processes work"),
        gettext_lazy("Every process of the house works."),
        _working,
        wakes=SETTLES,
    ),
)
