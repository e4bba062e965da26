"""How much of each source was read in a time, told by days: also when the lines themselves are long gone.

Clauses: R228/80(3).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count

from senim.kit.moments import end_of
from senim.telemetry.models import DayEnd, Ledger, Notice
from senim.telemetry.notices import LOSSES


@dataclass
class Read:
    """What was read of one source."""

    source: str
    kind: str
    """Its parser."""
    lines: int = 0
    losses: int = 0
    """How often the collector said that lines may have been lost."""


def read_between(first: date, last: date) -> list[Read]:
    """What was read from the day `first` to the day `last`, both included, of each source that was known by then.

    For days that are over the answer stays the same for ever.
    """
    found: dict[str, Read] = {}
    before, after = _lines_at_end(first - timedelta(days=1)), _lines_at_end(last)
    for ledger in Ledger.objects.filter(opened_at__lte=end_of(last)).order_by("source", "opened_at", "pk"):
        read = found.setdefault(ledger.source, Read(ledger.source, ledger.kind))
        read.kind = ledger.kind  # as its newest epoch has it
        read.lines += after.get(ledger.pk, 0) - before.get(ledger.pk, 0)
    for source, number in _losses(end_of(first - timedelta(days=1)), end_of(last)).items():
        if source in found:
            found[source].losses = number
    return list(found.values())


def _lines_at_end(day: date) -> dict[int, int]:
    """Ledger → how many lines it had when `day` ended."""
    ends = DayEnd.objects.filter(day__lte=day).order_by("ledger", "-day").distinct("ledger")
    found = dict(ends.values_list("ledger", "lines"))
    # Nothing was accepted since: what stands there now stood there then.
    found.update(Ledger.objects.filter(counted_on__lte=day).values_list("pk", "lines"))
    return found


def _losses(after: datetime, until: datetime) -> dict[str, int]:
    """Source → how often lines of it may have been lost."""
    found = Notice.objects.filter(kind__in=LOSSES, at__gt=after, at__lte=until).order_by().values("source")
    return dict(found.annotate(number=Count("pk")).values_list("source", "number"))
