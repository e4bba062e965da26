"""Samples and outages as rows: what is new is kept, and the outages are drawn anew as far as it can change them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import F

from senim.availability.internal.spells import Spell, Verdict, spells
from senim.availability.models import Outage, Sample, Tally
from senim.availability.settings import Service

KEPT = timedelta(days=7)
"""Our choice: how far behind the newest sample of a service others may come and still count."""
_ORDER = ("at", "-is_up")


def horizon(service: str) -> datetime | None:
    """What happened before it counts no longer, unless an outage reaches beyond it. None before any sample."""
    newest = newest_at(service)
    if newest is None:
        return None
    reaching = _last_before(service, newest - KEPT)
    inside = reaching is not None and (reaching.ended_at is None or reaching.ended_at >= newest - KEPT)
    return reaching.began_at if inside and reaching is not None else newest - KEPT


def newest_at(service: str) -> datetime | None:
    """The moment of the newest sample of `service`."""
    return Sample.objects.filter(service=service).order_by("-at").values_list("at", flat=True).first()


def keep(service: Service, samples: Iterable[Sample]) -> list[Sample]:
    """Write those of `samples` that are new, count them, and let go of what is too old; the new ones in their order."""
    wanted = {(sample.at, sample.is_up): sample for sample in reversed(list(samples))}
    moments = [at for at, _ in wanted]
    for known in Sample.objects.filter(service=service.name, at__in=moments).values_list("at", "is_up"):
        wanted.pop(known, None)
    fresh = sorted(wanted.values(), key=lambda sample: _verdict(sample).order)
    Sample.objects.bulk_create(fresh)
    _count(service, fresh)
    if fresh and (oldest := horizon(service.name)):
        Sample.objects.filter(service=service.name, at__lt=oldest).delete()
    return fresh


def _count(service: Service, fresh: Sequence[Sample]) -> None:
    length = int(Tally.LASTS.total_seconds())
    counted: dict[datetime, Counter[str]] = {}
    for sample in fresh:
        begins = datetime.fromtimestamp(int(sample.at.timestamp()) // length * length, tz=UTC)
        counted.setdefault(begins, Counter())["ups" if sample.is_up else "downs"] += 1
    for begins, more in counted.items():
        tally, _ = Tally.objects.get_or_create(service=service.name, begins_at=begins)
        Tally.objects.filter(pk=tally.pk).update(ups=F("ups") + more["ups"], downs=F("downs") + more["downs"])


def redraw(
    service: Service, fresh: Sequence[Sample], newest_before: datetime | None
) -> tuple[list[Outage], list[Outage]]:
    """Draw the outages anew that `fresh` samples can have changed: all of them, and those that are new.

    `newest_before`: the newest sample before they came. What is newer than all goes on from where it was.
    """
    first = fresh[0].at
    last = _last_before(service.name, first)
    if newest_before is None or first > newest_before:
        going_on = last if last and not last.is_over else None
        found = spells(
            map(_verdict, fresh), service.pace, last=going_on.spell if going_on else None, before=newest_before
        )
        since = going_on.began_at if going_on else first
    else:
        since = last.began_at if last and last.spell.holds(first, service.pace.calm) else first
        known = Sample.objects.filter(service=service.name)
        before = known.filter(at__lt=since).order_by("-at").values_list("at", flat=True).first()
        found = spells(map(_verdict, known.filter(at__gte=since).order_by(*_ORDER)), service.pace, before=before)
    return _write(service, found, since)


def _last_before(service: str, at: datetime) -> Outage | None:
    """The last outage that began at `at` or before."""
    return Outage.objects.filter(service=service, part_of=None, began_at__lte=at).first()


def _verdict(sample: Sample) -> Verdict:
    return Verdict(sample.at, sample.is_up)


def _write(service: Service, found: list[Spell], since: datetime) -> tuple[list[Outage], list[Outage]]:
    """Give every spell its row. An outage begins with a failed sample, so each known row lies in one spell."""
    rows = list(Outage.objects.filter(service=service.name, part_of=None, began_at__gte=since).order_by("began_at"))
    changed: list[Outage] = []
    new: list[Outage] = []
    for spell in found:
        own = [row for row in rows if spell.began_at <= row.began_at <= spell.last_down_at]
        outage = own[0] if own else Outage(service=service.name)
        if not own or outage.spell != spell:
            outage.become(spell)
            outage.is_over = False
            outage.save()
        for part in own[1:]:
            _join(outage, part)
        (changed if own else new).append(outage)
    return [*changed, *new], new


def _join(outage: Outage, part: Outage) -> None:
    """`part` is one with `outage`; what was said because of it was said because of the whole."""
    for word in ("warned_at", "asked_at", "reported_at"):
        said = [at for at in (getattr(outage, word), getattr(part, word)) if at]
        setattr(outage, word, min(said, default=None))
    outage.save()
    part.part_of = outage
    part.save()
