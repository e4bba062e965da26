"""Taking samples of services: outages, and the limits that they pass.

Clauses: R228/81-1(6) (downtime is measured).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.conf import settings

from senim.availability.internal import keeping
from senim.availability.limits import Passing, passing
from senim.availability.models import Outage, Sample
from senim.availability.settings import HEARTBEAT, Service, Watched, watched
from senim.availability.thresholds import Limit
from senim.events.operations import emit
from senim.events.vocabulary.availability import AvailabilityEvent
from senim.kit.clock import iso, now
from senim.telemetry import operations as telemetry
from senim.telemetry.frames import Frame, Line
from senim.telemetry.parsers import Observed
from senim.telemetry.parsers.heartbeat import DOWN, UP
from senim.telemetry.settings import PLATFORM

UNHEARD, LATE = "sample-unheard", "sample-late"
"""Flaws that the ledger counts: a source that may not speak for this service; a sample from before all that is kept."""
_WHOLE = 512
"""Characters of a line that are kept as text."""
_SAID = {Limit.WARNING: "warned_at", Limit.POSSIBLE: "asked_at", Limit.LAW: "reported_at"}
_ASKED_ANEW = {AvailabilityEvent.CAUSE_DECIDED, AvailabilityEvent.MAINTENANCE_CANCELLED}
"""News after which an outage may have to be told that was not before."""

Seen = Sequence[tuple[Line, Observed]]


def take(frame: Frame, seen: Seen, services: Watched | None = None) -> list[Passing]:
    """Take what is said of services in lines that were never accepted before; the limits that outages pass by it.

    Part of the transaction that accepts the lines, one at a time: whoever calls holds the detector's turn.
    """
    if frame.kind == HEARTBEAT:
        return _take_samples(frame, seen, services or watched(settings.SENIM_INSTANCE))
    if frame.kind == PLATFORM:
        return _ask_anew(seen, services)
    return []


def _take_samples(frame: Frame, seen: Seen, services: Watched) -> list[Passing]:
    flaws: Counter[str] = Counter()
    found: list[Passing] = []
    for service, samples in _by_service(frame, seen, services, flaws):
        oldest = keeping.horizon(service.name)
        in_time = [sample for sample in samples if oldest is None or sample.at >= oldest]
        flaws[LATE] += len(samples) - len(in_time)
        found += _take(service, in_time)
    if flaws := +flaws:
        telemetry.count_flaws(frame, flaws.elements())
    return found


def _by_service(
    frame: Frame, seen: Seen, services: Watched, flaws: Counter[str]
) -> Iterable[tuple[Service, list[Sample]]]:
    """The samples that may count, by service."""
    heard: dict[str, tuple[Service, list[Sample]]] = {}
    for line, observed in seen:
        # A moment that cannot be believed measures nothing: the service turns blind, which is seen.
        if observed.fields["action"] not in {UP, DOWN} or "time_flaw" in observed.fields:
            continue
        name = str(observed.fields["service"])
        service = services.heard(name, frame.source)
        if service is None:
            flaws[UNHEARD] += 1
            continue
        heard.setdefault(name, (service, []))[1].append(_sample(frame, line, observed))
    return heard.values()


def _sample(frame: Frame, line: Line, observed: Observed) -> Sample:
    took = observed.fields.get("ms")
    return Sample(
        service=observed.fields["service"],
        at=observed.at,
        is_up=observed.fields["action"] == UP,
        reason=str(observed.fields.get("reason", ""))[:255],
        took_ms=took if isinstance(took, int) else None,
        source=frame.source,
        epoch=frame.epoch,
        seq=line.seq,
        sha256=sha256(line.data).hexdigest(),
        text=observed.text[:_WHOLE],
    )


def _take(service: Service, samples: list[Sample]) -> list[Passing]:
    newest_before = keeping.newest_at(service.name)
    fresh = keeping.keep(service, samples)
    if not fresh:
        return []
    changed, new = keeping.redraw(service, fresh, newest_before)
    for outage in new:
        _say(AvailabilityEvent.OUTAGE_BEGAN, outage)
    _end(service, changed)
    return [found for outage in changed if (found := _pass(outage, service))]


def _end(service: Service, outages: Sequence[Outage]) -> None:
    """Say of each that it is over, once the service has stayed up for long enough."""
    newest = keeping.newest_at(service.name)
    for outage in outages:
        if outage.is_over or outage.ended_at is None or newest is None or newest - outage.ended_at <= service.pace.calm:
            continue
        outage.is_over = True
        outage.save(update_fields=["is_over"])
        _say(AvailabilityEvent.OUTAGE_ENDED, outage)


def _pass(outage: Outage, service: Service) -> Passing | None:
    found = passing(outage, service)
    if found is not None:
        setattr(outage, _SAID[found.limit], now())
        outage.save(update_fields=[_SAID[found.limit]])
    return found


def _ask_anew(seen: Seen, services: Watched | None) -> list[Passing]:
    """A person has decided something: outages of that service may have to be told now."""
    named = [observed.fields.get("service") for _, observed in seen if observed.fields["action"] in _ASKED_ANEW]
    if not named:
        return []
    known = services or watched(settings.SENIM_INSTANCE)
    found = []
    for outage in Outage.objects.filter(service__in=named, part_of=None, reported_at=None):
        service = known.of(outage.service)
        passed = _pass(outage, service) if service is not None else None
        found += [passed] if passed else []
    return found


def _say(tag: AvailabilityEvent, outage: Outage) -> None:
    facts = {
        "outage": str(outage.pk),
        "service": outage.service,
        "began_at": iso(outage.began_at),
        "ended_at": iso(outage.ended_at) if outage.ended_at else None,
    }
    emit(tag, f"outage:{outage.pk}", facts)
