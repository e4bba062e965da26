"""Reading event rows in an order in which none can be missed, and which of them nobody has heard."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from senim.events import delivery
from senim.events.models import Event

_SETTLED_AFTER = """
SELECT * FROM events_event
WHERE (transaction, id) > (%s, %s::uuid) AND transaction < txid_snapshot_xmin(txid_current_snapshot())
ORDER BY transaction, id LIMIT %s
"""
_WAITING_AFTER = """
SELECT count(*) FILTER (WHERE transaction < txid_snapshot_xmax(txid_current_snapshot())),
       count(*) FILTER (WHERE transaction >= txid_snapshot_xmax(txid_current_snapshot()))
FROM events_event
WHERE (transaction, id) > (%s, %s::uuid) AND transaction >= txid_snapshot_xmin(txid_current_snapshot()) AND at < %s
"""
FAILS_AGAIN = 3
"""Our choice: once is a worker that was killed, twice a database that restarted."""
BEGINNING = (0, "00000000-0000-0000-0000-000000000000")


def settled_after(transaction: int, event_id: str, *, limit: int) -> list[Event]:
    """Up to `limit` events after the place (`transaction`, `event_id`), in the order (transaction, id).

    Only events whose transaction is older than every running one: a slower transaction that began earlier may still
    commit rows that belong before. Start with `BEGINNING`.
    """
    return list(Event.objects.raw(_SETTLED_AFTER, [transaction, event_id, limit]))


def unheard(before: datetime) -> int:
    """How many times an event older than `before` has not reached a handler that listens to it."""
    return sum(
        Event.objects.filter(tag=tag, at__lt=before).exclude(handled__handler=handler).count()
        for tag, handlers in delivery.subscribed().items()
        for handler in handlers
    )


def failing_jobs() -> int:
    """How many jobs have failed `FAILS_AGAIN` times or more and wait for another try."""
    return int(ProcrastinateJob.objects.filter(status="todo", attempts__gte=FAILS_AGAIN).count())


def newest(before: datetime) -> Event | None:
    """The newest event older than `before`; None where there is none."""
    return Event.objects.filter(at__lt=before).order_by("-id").first()


@dataclass(frozen=True)
class Waiting:
    """Event rows that are there and cannot be read in their order yet."""

    unsettled: int
    """A transaction that began before theirs has not ended."""
    ahead: int
    """Their transaction numbers lie beyond every one that this database has given: they were written in another."""


def waiting_after(transaction: int, event_id: str, *, before: datetime) -> Waiting:
    """What waits behind the place (`transaction`, `event_id`) of the events that happened before a moment."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_AFTER, [transaction, event_id, before])
        return Waiting(*cursor.fetchone())
