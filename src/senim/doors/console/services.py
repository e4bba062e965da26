"""Outages as *Now* shows them: how long each counts, when the regulator is told, whether somebody must act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from senim.availability.health import Health
from senim.availability.queries import Standing, Under


@dataclass(frozen=True)
class Clock:
    """An outage under way, as plain values that change once a minute."""

    pk: str
    name: str
    title: str
    health: Health
    """Down, or unknown where nobody has measured for a while."""
    since: datetime
    minutes: int
    """For how long it has counted."""
    left: int
    """Minutes until the regulator is told; 0 or less: it has been."""
    cause: str
    is_excused: bool
    needs_person: bool
    work_until: datetime | None
    """Until when announced work explains it."""

    @property
    def address(self) -> str:
        """Where its cause is decided."""
        return reverse("services-cause", args=[self.pk])


def clocks(standings: Sequence[Standing]) -> list[Clock]:
    """The outages under way, the most urgent first."""
    found = [_clock(each, each.under_way) for each in standings if each.under_way is not None]
    return sorted(found, key=lambda clock: (clock.is_excused, clock.left))


def _clock(standing: Standing, under: Under) -> Clock:
    return Clock(
        pk=str(under.outage.pk),
        name=standing.name,
        title=standing.title,
        health=standing.health,
        since=under.outage.began_at,
        minutes=under.minutes,
        left=under.minutes_left,
        cause=under.cause.cause if under.cause else "",
        is_excused=under.is_excused,
        needs_person=under.needs_person,
        work_until=under.counted_from if under.is_announced else None,
    )
