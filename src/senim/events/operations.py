"""Reporting what happened."""

from collections.abc import Mapping
from enum import StrEnum

from django.db import connection, transaction

from senim.events import delivery
from senim.events.models import Event

WAKE_COLLECTOR = "senim_events"
"""PostgreSQL channel on which the collector hears that new event rows have committed."""


def emit(tag: StrEnum, subject: str, payload: Mapping[str, object] | None = None) -> Event:
    """Write that `tag` happened to `subject` (`noun:id`), in the transaction that caused it, and book its handlers.

    `payload` is JSON without confidential data: it reaches the event history and perhaps the regulator.
    Raises `TransactionManagementError` outside a transaction: news of what then rolls back would be false.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event row belongs inside the transaction that causes it")
    event = Event.objects.create(tag=tag.value, subject=subject, payload=dict(payload or {}))
    delivery.book(event)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE_COLLECTOR}")
    return event
