"""News reaches each handler exactly once by (event, handler).

The job is booked in the event's own transaction, so it exists if and only if the event does: over Django's connection,
also in the worker, which reads the queue by another one. The handler runs in one
transaction with its `Handled` row: a worker killed in the middle leaves neither, and the job is taken up again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, StrEnum
from uuid import UUID

from django.db import transaction
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from procrastinate.types import JSONValue

from senim.events.models import Event, Handled

Handler = Callable[[Event], None]
"""Takes the event, inside a transaction that it shares with the proof that it ran."""

QUEUE = "news"
_LONGER, _LONGEST_WAIT = 2, 60
"""Seconds: by how much each wait is longer than the one before, and how long it gets. What a handler owes, it may owe
at once (R228/81-1)."""
log = logging.getLogger(__name__)
_booking = JobManager(DjangoConnector())
_handlers: dict[str, Handler] = {}
_subscribed: dict[str, tuple[str, ...]] = {}


def name_of(handler: Handler) -> str:
    """How a handler is known in jobs and `Handled` rows: `incidents.handlers.open_from_alert`."""
    return f"{handler.__module__.removeprefix('senim.')}.{handler.__qualname__}"


def install(table: Mapping[StrEnum, Sequence[Handler]]) -> None:
    """Make `table` (tag → handlers) the one subscription table of this process."""
    _handlers.clear()
    _subscribed.clear()
    for tag, handlers in table.items():
        _subscribed[tag.value] = tuple(name_of(handler) for handler in handlers)
        _handlers.update({name_of(handler): handler for handler in handlers})


def subscribed() -> Mapping[str, tuple[str, ...]]:
    """Tag → the names of the handlers that listen to it."""
    return dict(_subscribed)


class Urgency(IntEnum):
    """Which news a worker takes up before other news that waits: the higher, then the older."""

    REPETITION = -1
    """More of what is known already: a flood of it waits behind everything else."""
    USUAL = 0
    PERSON = 1
    """What a person has decided and waits for."""


def book(tag: str, events: Sequence[tuple[UUID, Urgency]]) -> None:
    """Book one job for every handler that listens to `tag` and each of `events`, in the running transaction.

    By Django's own connection, also in a worker, whose queue has another: there the event is not to be seen yet, and a
    job booked there would stay when the transaction fails.
    """
    for handler in _subscribed.get(tag, ()):
        for urgency in sorted({urgency for _, urgency in events}):
            jobs: list[dict[str, JSONValue]] = [
                {"event_id": str(pk), "handler": handler} for pk, each in events if each is urgency
            ]
            delivery = configure_task(name=deliver.name, job_manager=_booking, queue=QUEUE, priority=urgency.value)
            delivery.batch_defer(*jobs)


def hear(event_id: UUID, handler: str) -> bool:
    """Run `handler` on the event unless it has run. True where it ran now.

    Raises `KeyError` for a handler this release does not know; the job stays and is tried again after an upgrade.
    """
    listener = _handlers[handler]
    with transaction.atomic():
        event = Event.objects.get(pk=event_id)
        _, fresh = Handled.objects.get_or_create(event=event, handler=handler)
        if fresh:
            listener(event)
    return fresh


class Again(BaseRetryStrategy):
    """A handler that fails is tried again for ever: nothing is dropped, and once it can run it does within a minute."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """At once, in two seconds, four, six, and never later than in a minute, whatever it was; the log says why."""
        log.warning("%s failed, try %d", job.task_kwargs.get("handler"), job.attempts + 1, exc_info=exception)
        return RetryDecision(retry_in={"seconds": min(_LONGER * job.attempts, _LONGEST_WAIT)})


@app.task(name="events.deliver", queue=QUEUE, retry=Again())
def deliver(event_id: str, handler: str) -> None:
    """The job: see `hear`."""
    hear(UUID(event_id), handler)
