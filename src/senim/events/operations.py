"""Reporting what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection, transaction

from senim.events import delivery
from senim.events.delivery import Urgency
from senim.events.models import Event

WAKE_COLLECTOR = "senim_events"
"""PostgreSQL channel on which the collector hears that new event rows have committed."""


@dataclass(frozen=True)
class News:
    """What an event row is to say."""

    subject: str
    """`noun:id`."""
    payload: Mapping[str, object] = field(default_factory=dict)
    """JSON without confidential data: it reaches the event history and perhaps the regulator."""
    urgency: Urgency = Urgency.USUAL
    """Before which other news its handlers have their turn."""


def emit(
    tag: StrEnum,
    subject: str,
    payload: Mapping[str, object] | None = None,
    *,
    urgency: Urgency = Urgency.USUAL,
) -> Event:
    """Write that `tag` happened to `subject`, in the transaction that caused it, and book its handlers (see `News`).

    Raises `TransactionManagementError` outside a transaction: news of what then rolls back would be false.
    """
    (event,) = emit_all(tag, [News(subject, payload or {}, urgency)])
    return event


def emit_all(tag: StrEnum, news: Sequence[News]) -> list[Event]:
    """Write that `tag` happened to several subjects, with as few statements as for one. Raises what `emit` raises."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event row belongs inside the transaction that causes it")
    rows = [Event(tag=tag.value, subject=each.subject, payload=dict(each.payload)) for each in news]
    events = Event.objects.bulk_create(rows)
    delivery.book(tag.value, [(event.id, each.urgency) for event, each in zip(events, news, strict=True)])
    if events:
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {WAKE_COLLECTOR}")
    return events
