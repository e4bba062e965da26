"""The services as *Now* shows them: what is down, how long until the regulator is told, whether somebody must act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from senim.availability import queries as availability
from senim.availability.health import Health
from senim.availability.queries import Standing

_MINUTE = timedelta(minutes=1)


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


@dataclass(frozen=True)
class Blind:
    """A service of which nothing is known."""

    name: str
    title: str
    since: datetime | None


def title_of(standing: Standing) -> str:
    """What the service is, in the reader's language; its name where senim.toml says no more."""
    return standing.service.titled(get_language() or "kk") or standing.name


def clocks(standings: Sequence[Standing], now: datetime) -> list[Clock]:
    """The outages under way, the most urgent first."""
    found = [_clock(each, now) for each in standings if each.under_way is not None]
    return sorted(found, key=lambda clock: (clock.is_excused, clock.left))


def _clock(standing: Standing, now: datetime) -> Clock:
    under = standing.under_way
    if under is None:
        raise ValueError(f"{standing.name} is not down")
    return Clock(
        pk=str(under.outage.pk),
        name=standing.name,
        title=title_of(standing),
        health=standing.health,
        since=under.outage.began_at,
        minutes=max((now - under.counted_from) // _MINUTE, 0),
        left=-(-under.left // _MINUTE),
        cause=under.cause.cause if under.cause else "",
        is_excused=under.is_excused,
        needs_person=under.needs_person,
        work_until=under.counted_from if under.counted_from > now else None,
    )


def blind(standings: Sequence[Standing]) -> list[Blind]:
    """The services of which nothing is known."""
    return [Blind(each.name, title_of(each), each.since) for each in standings if each.health is Health.UNKNOWN]


def said_of(clock: Clock) -> str:
    """What *Now* says of an outage, and what to do."""
    if clock.work_until is not None:
        return _("Announced work goes on; if it outlasts its time, the outage counts from then.")
    if clock.is_excused:
        return _("A person found another cause than an incident: the regulator is not told.")
    if clock.left <= 0:
        return _("More than an hour: the regulator is told. If it was no incident, decide its cause.")
    return _("In %(left)s min the regulator is told. If it is no incident, decide its cause before.") % {
        "left": clock.left
    }


def known(now: datetime) -> list[Standing]:
    """How every service stands."""
    return availability.standings(now)
