"""What can be said of the services' good order: which is down, which nobody measures, where a person must say why.

Clauses: R228/81-1(6) (before an hour is over a person looks whether downtime comes of an incident).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.availability import queries
from senim.availability.health import Health
from senim.availability.queries import Standing, Under
from senim.availability.registers import REGISTERS
from senim.kit.checks import Asked, Check, Fault
from senim.registers.checks import reviewed

SETTLES = timedelta(minutes=2)
"""Our choice: a prober that is started again measures within seconds; only what lasts wakes somebody."""


def _down(asked: Asked) -> Iterator[Fault]:
    """Services that are down, for as long as nobody has to decide why."""
    for standing, under in _outages(asked):
        if not under.needs_person:
            yield _fault(standing, under)


def _undecided(asked: Asked) -> Iterator[Fault]:
    """Services that have been down for so long that somebody must say why, before the regulator is told or after."""
    for standing, under in _outages(asked):
        if under.needs_person:
            yield _fault(standing, under)


def _outages(asked: Asked) -> list[tuple[Standing, Under]]:
    """The outages under way, the most urgent first."""
    found = [(each, each.under_way) for each in queries.standings(asked.now) if each.under_way is not None]
    return sorted(found, key=lambda outage: (outage[1].is_excused, outage[1].left))


def _fault(standing: Standing, under: Under) -> Fault:
    what = _("“%(title)s” does not answer: %(minutes)s min") % {"title": standing.title, "minutes": under.minutes}
    return Fault(what, _said_of(under), subject=standing.name)


def _said_of(under: Under) -> str:
    if under.is_announced:
        return _("Announced work goes on; if it outlasts its time, the outage counts from then")
    if under.is_excused:
        return _("A person found another cause than an incident: the regulator is not told")
    if under.minutes_left <= 0:
        return _("More than an hour: the regulator is told. If it was no incident, decide its cause")
    told = _("In %(left)s min the regulator is told. If it is no incident, decide its cause before")
    return told % {"left": under.minutes_left}


def _unmeasured(asked: Asked) -> Iterator[Fault]:
    for standing in queries.standings(asked.now):
        if standing.health is Health.UNKNOWN:
            what = _("Nothing is known of the service “%(title)s”") % {"title": standing.title}
            remedy = _("No sample comes: what measures it is silent, or has only just begun")
            yield Fault(what, remedy, is_known=False, subject=standing.name)


CHECKS = (
    Check(
        "availability:undecided",
        gettext_lazy("Outages that need a person"),
        gettext_lazy("Of every long outage somebody has said why it is."),
        _undecided,
        wakes=timedelta(0),  # `thresholds.WARNING` is the patience
    ),
    Check("availability:down", gettext_lazy("Services"), gettext_lazy("Every service answers."), _down),
    Check(
        "availability:unmeasured",
        gettext_lazy("Services are measured"),
        gettext_lazy("Of every service it is known whether it answers."),
        _unmeasured,
        wakes=SETTLES,
    ),
    reviewed("availability", REGISTERS),
)
