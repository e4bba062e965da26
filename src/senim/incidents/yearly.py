"""The incidents of a year, by kind, as they stood at a moment: what the yearly information tells of them.

Clauses: R228/80(1), R228/81-1.

What people decided later is left out: their acts are on record with their moments, and are gone through again. So the
answer for a moment stays the same for ever.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from senim.asoi.models import Message
from senim.incidents.deeds import Close, Merge, Regrade, Reinstate, Withdraw, name_of
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Act, Incident
from senim.incidents.promptness import AIM

State = Incident.State
_BECOMES = {
    name_of(Close): State.CLOSED,
    name_of(Merge): State.MERGED,
    name_of(Reinstate): State.OPEN,
    name_of(Withdraw): State.WITHDRAWN,
}
_REGRADE = name_of(Regrade)


@dataclass(frozen=True)
class OfKind:
    """The incidents of one kind. Exercises are none; neither is what was withdrawn or was part of another one."""

    kind: IncidentKind
    incidents: int
    closed: int
    received: int
    """Of how many the regulator had given its receipt for the first notice."""
    within_aim: int
    """Of those: for how many it came within our aim (`promptness.AIM`)."""
    slowest: timedelta | None
    """The longest way from an incident to its receipt."""


@dataclass(frozen=True)
class _One:
    kind: IncidentKind
    state: str
    way: timedelta | None


def by_kind(year: int, moment: datetime) -> list[OfKind]:
    """The incidents opened in `year` (the calendar of the bureau) and not after `moment`: all six kinds, in order."""
    counted = [one for one in _each(year, moment) if one.state not in {State.MERGED, State.WITHDRAWN}]
    return [_together(kind, [one for one in counted if one.kind == kind]) for kind in IncidentKind]


def withdrawn(year: int, moment: datetime) -> int:
    """How many of that year had turned out to be none by `moment`."""
    return Counter(one.state for one in _each(year, moment))[State.WITHDRAWN]


def _together(kind: IncidentKind, found: list[_One]) -> OfKind:
    ways = [one.way for one in found if one.way is not None]
    return OfKind(
        kind=kind,
        incidents=len(found),
        closed=sum(one.state == State.CLOSED for one in found),
        received=len(ways),
        within_aim=sum(way <= AIM for way in ways),
        slowest=max(ways, default=None),
    )


def _each(year: int, moment: datetime) -> Iterator[_One]:
    acts = _acts(year)
    for pk, kind, opened_at, received_at in _rows(year, moment):
        yield _One(
            IncidentKind(_kind(pk, kind, acts.get(pk, []), moment)),
            _state(acts.get(pk, []), moment),
            max(received_at - opened_at, timedelta(0)) if received_at and received_at <= moment else None,
        )


def _rows(year: int, moment: datetime) -> Iterator[tuple[UUID, int, datetime, datetime | None]]:
    about = Concat(Value("incident:"), Cast(OuterRef("pk"), CharField()))
    notice = Message.objects.filter(about=about, sequence=1)
    found = Incident.objects.filter(year=year, opened_at__lte=moment, exercise=None).order_by("serial")
    told = found.annotate(received_at=Subquery(notice.values("delivered_at")[:1]))
    yield from told.values_list("pk", "kind", "opened_at", "received_at")


def _acts(year: int) -> dict[UUID, list[Act]]:
    """Incident → the acts that changed its kind or state and were carried out, in their order."""
    wanted = [*_BECOMES, _REGRADE]
    done = Act.objects.filter(incident__year=year, deed__deed__in=wanted, outcome__refusal="")
    found: dict[UUID, list[Act]] = {}
    for act in done.select_related("outcome").order_by("incident", "revision"):
        found.setdefault(act.incident_id, []).append(act)
    return found


def _state(acts: list[Act], moment: datetime) -> str:
    became = [_BECOMES[act.name] for act in acts if act.name in _BECOMES and act.outcome.at <= moment]
    return became[-1] if became else State.OPEN


def _kind(pk: UUID, kind: int, acts: list[Act], moment: datetime) -> int:
    """Its kind at `moment`; `kind` is what it is now."""
    regrades = [act for act in acts if act.name == _REGRADE]
    done = [act for act in regrades if act.outcome.at <= moment]
    if len(done) == len(regrades):
        return kind
    return int(done[-1].deed["kind"]) if done else _first_kind(pk)


def _first_kind(pk: UUID) -> int:
    """What it was graded as when the regulator was first told of it."""
    clause = Message.objects.get(about=f"incident:{pk}", sequence=1).body["kind"]["clause"]
    return next(kind for kind in IncidentKind if kind.clause == clause)
