"""Which limit an outage has passed, and by which samples.

Clauses: R228/81-1(6) (downtime of more than one hour).
"""

from dataclasses import dataclass
from datetime import datetime

from senim.availability import terms
from senim.availability.models import CauseDecision, Maintenance, Outage, Sample
from senim.availability.settings import Service
from senim.availability.thresholds import WARNING, Limit

_FIRST = 3
_NEWEST = 7


@dataclass(frozen=True)
class Passing:
    """An outage has passed a limit; said once for each."""

    outage: Outage
    limit: Limit
    service: Service
    counted_from: datetime
    """Its beginning, or the end of the maintenance in which it began."""
    evidence: tuple[Sample, ...]
    """The first failed samples and the last ones up to that at which the limit was passed."""


def passing(outage: Outage, service: Service) -> Passing | None:
    """The highest limit that `outage` has passed and of which nothing was said yet; None where there is none."""
    # R228/81-1(6): Other incidents of information security. What a person has found to be none is not told.
    if (decision := cause_of(outage)) is not None and not decision.is_incident:
        return None
    since = counted_from(outage)
    limit = _passed(outage, since)
    if limit is None or _is_said(outage, limit):
        return None
    return Passing(outage, limit, service, since, _evidence(outage, since, limit))


def cause_of(outage: Outage) -> CauseDecision | None:
    """What a person found to be its cause, by the newest decision; None while nobody has."""
    return outage.decisions.first()


def counted_from(outage: Outage) -> datetime:
    """The moment from which `outage` counts: its beginning, or the end of the announced work in which it began.

    Work that was announced for later than the outage's beginning did not cause it, and takes nothing off.
    """
    since = outage.began_at
    # NOTE: announced work is no incident; what outlasts it is. Our reading, ADR 0012.
    for work in Maintenance.objects.filter(service=outage.service, ends_at__gt=since).order_by("starts_at"):
        if work.starts_at <= since < work.explains_until:
            since = work.explains_until
    return since


def _passed(outage: Outage, since: datetime) -> Limit | None:
    seen = outage.spell.seen_until - since
    possible = (outage.ended_at or outage.last_down_at) - since
    # R228/81-1(6): Downtime of more than one hour: an hour exactly is not more.
    if terms.DOWNTIME.met_by(seen):
        return Limit.LAW
    if terms.DOWNTIME.met_by(possible):
        return Limit.POSSIBLE
    return Limit.WARNING if seen >= WARNING else None


def _is_said(outage: Outage, limit: Limit) -> bool:
    """Whether this was said, or something beyond it. That it may have been too long is news behind a warning only."""
    said = {Limit.WARNING: outage.warned_at, Limit.POSSIBLE: outage.asked_at, Limit.LAW: outage.reported_at}
    order = list(Limit)
    return any(said[each] for each in order[order.index(limit) :])


def _evidence(outage: Outage, since: datetime, limit: Limit) -> tuple[Sample, ...]:
    length = WARNING if limit is Limit.WARNING else terms.DOWNTIME.length
    inside = Sample.objects.filter(service=outage.service, at__gte=outage.began_at)
    inside = inside.filter(at__lte=outage.ended_at or outage.last_down_at)
    beyond = inside.filter(at__gte=since + length) if limit is Limit.WARNING else inside.filter(at__gt=since + length)
    deciding = beyond.order_by("at", "-is_up").first() or inside.order_by("at", "-is_up").last()
    if deciding is not None:
        inside = inside.filter(at__lte=deciding.at)
    first = list(inside.order_by("at", "-is_up")[:_FIRST])
    newest = list(inside.order_by("-at", "is_up")[:_NEWEST])
    both = {sample.pk: sample for sample in (*first, *reversed(newest))}
    return tuple(both.values())
