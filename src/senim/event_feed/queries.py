"""Where the feed stands, as the database tells it.

Clauses: R228/81-2.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Max, Min, Sum
from django.db.models.functions import Coalesce

from senim.asoi import queries as asoi
from senim.event_feed import spans
from senim.event_feed.models import Chain, Place, Portion
from senim.event_feed.settings import EventFeedSettings

BEHIND_AFTER = timedelta(minutes=1)
"""Our choice: sources show every five seconds that they are read; what the feed has not taken for so long is behind."""
SILENT_AFTER = timedelta(minutes=5)
"""Our choice: automated mode means at once; an event that waits longer than this for its receipt is told of."""


@dataclass(frozen=True)
class Run:
    """Where one chain stands."""

    name: str
    last_event: int
    last_batch: int
    batches_waiting: int
    """Batches at the outbox without a receipt."""
    events_kept: int
    """Events that wait in the feed for a batch."""
    waits_since: datetime | None
    """Since when its oldest event, or batch, waits; None where nothing does."""


@dataclass(frozen=True)
class Standing:
    """Where the feed stands."""

    runs: tuple[Run, ...]
    read_until: datetime | None
    """Up to when sources had been read in what was taken; None where nothing ever was."""
    missing: int
    """Lines that never came to the feed, and were told or will be."""
    untold: int
    """Of these, what the regulator has not been told of."""
    is_full: bool
    """Whether it has stopped reading because enough waits."""

    def is_behind(self, moment: datetime) -> bool:
        """Whether what was read a while ago has not come to the feed."""
        return self.read_until is None or moment - self.read_until > BEHIND_AFTER

    def silent_since(self, moment: datetime) -> datetime | None:
        """Since when the regulator has not had what waits, where that is too long; exercises are not counted."""
        waits = [run.waits_since for run in self.runs if run.name == Chain.Name.EVENTS and run.waits_since]
        return next((since for since in waits if moment - since > SILENT_AFTER), None)


def standing(settings: EventFeedSettings) -> Standing:
    """Where the feed stands now."""
    places = list(Place.objects.values_list("missing", "untold"))
    return Standing(
        runs=tuple(_run(chain) for chain in Chain.objects.order_by("name")),
        read_until=Place.objects.aggregate(until=Max("read_until"))["until"],
        missing=sum(spans.size(missing) for missing, _ in places),
        untold=sum(spans.size(untold) for _, untold in places),
        is_full=is_full(settings),
    )


def is_full(settings: EventFeedSettings) -> bool:
    """Whether as many events wait in the feed as may: the stream keeps what comes."""
    return _kept() >= settings.events_kept


def has_events() -> bool:
    """Whether anything waits for a batch."""
    return Portion.objects.exists()


def has_untold() -> bool:
    """Whether numbers are missing of which the regulator has not been told."""
    return Place.objects.exclude(untold=[]).exists()


def _kept(**of: str) -> int:
    number: int = Portion.objects.filter(**of).aggregate(number=Coalesce(Sum(F("last") - F("first") + 1), 0))["number"]
    return number


def _run(chain: Chain) -> Run:
    oldest = Portion.objects.filter(chain=chain).aggregate(at=Min("at"))["at"]
    return Run(
        name=chain.name,
        last_event=chain.events,
        last_batch=chain.batches,
        batches_waiting=asoi.undelivered_about(chain.name),
        events_kept=_kept(chain_id=chain.name),
        waits_since=asoi.undelivered_since(chain.name) or oldest,
    )
