"""How the processes of the house are, as the database sees them and as they say themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection

from senim.pulse.models import Beat

NAMES = ("asoi", "collector", "detection", "feed", "history", "sealer", "worker")
"""Every process that works in a loop. The console is not among them: who reads this has just been answered by it."""
SILENT_AFTER = timedelta(seconds=20)
"""Our choice: four beats. A busy machine or a slow disk may cost one; what says nothing for so long stands still."""
_CONNECTED = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database()"


class Life(StrEnum):
    """What can be said of a process."""

    WORKS = "works"
    STANDS_STILL = "stands-still"
    """It holds its connection to the database, and its loop does not come round."""
    ABSENT = "absent"
    """It holds no connection: it does not run, or can do nothing."""


@dataclass(frozen=True)
class ProcessState:
    """How one process is."""

    name: str
    life: Life
    since: datetime | None = None
    """When it last came round, where it does not work now; None: it never has."""


def processes(moment: datetime) -> dict[str, ProcessState]:
    """Every process that works in a loop, as it is at `moment`, by name.

    Each signs in to the database with a role of its own and keeps that connection for as long as it works.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTED)
        connected = {name for (name,) in cursor.fetchall()}
    beats = dict(Beat.objects.filter(part="").values_list("process", "at"))
    return {name: _state(name, f"senim_{name}" in connected, beats.get(name), moment) for name in NAMES}


def _state(name: str, is_connected: bool, at: datetime | None, moment: datetime) -> ProcessState:
    if not is_connected:
        return ProcessState(name, Life.ABSENT, at)
    if is_silent(at, moment):
        return ProcessState(name, Life.STANDS_STILL, at)
    return ProcessState(name, Life.WORKS)


def is_silent(at: datetime | None, moment: datetime) -> bool:
    """Whether what came round last at `at` has stood still at `moment` for too long.

    So has what lies as far ahead: the clock was set back since, and whatever lives has come round by the new one.
    """
    return at is None or abs(moment - at) > SILENT_AFTER


def came_round(process: str) -> dict[str, datetime]:
    """When each part of `process` last came round, by name; without the process itself."""
    return dict(Beat.objects.filter(process=process).exclude(part="").values_list("part", "at"))
