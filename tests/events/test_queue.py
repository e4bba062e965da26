"""The queue takes deliveries of events that are there, and no row that the worker could not read."""

import json
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django import app

from senim.events.models import Event
from senim.events.operations import emit
from senim.events.vocabulary.detection import DetectionEvent
from senim.kit.ids import new_id
from senim.site.worker import Connector

pytestmark = pytest.mark.django_db
_COLUMNS = "queue_name, task_name, args, status, attempts, priority, scheduled_at, lock, queueing_lock"
_BOOK = f"INSERT INTO procrastinate_jobs ({_COLUMNS}) VALUES ({', '.join(['%s'] * 9)})"  # noqa: S608 - our own names
HANDLER = "incidents.handlers.open_from_alert"


@pytest.fixture
def event() -> Event:
    with transaction.atomic():
        return emit(DetectionEvent.ALERT_RAISED, "alert:1", {"alert": "1"})


def book(event: UUID, args: str = "", **forged: object) -> None:
    """Book a job as any role may, with `forged` in place of what it should be."""
    row = {
        "queue_name": "news",
        "task_name": "events.deliver",
        "args": args or json.dumps({"event_id": str(event), "handler": HANDLER}),
        "status": "todo",
        "attempts": 0,
        "priority": 0,
        "scheduled_at": None,
        "lock": None,
        "queueing_lock": None,
        **forged,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BOOK, list(row.values()))


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return int(cursor.fetchone()[0])


def test_news_books_its_deliveries(event: Event) -> None:
    assert waiting() == 1
    book(event.pk)
    assert waiting() == 2


def test_what_a_handler_reports_is_booked_with_it_however_the_worker_reads_the_queue() -> None:
    """The worker's own connection sees no row that its handler has not committed yet."""
    with app.replace_connector(Connector()), transaction.atomic():
        emit(DetectionEvent.ALERT_RAISED, "alert:1", {"alert": "1"})
    assert waiting() == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"task_name": "garbage"},
        {"task_name": "builtin:procrastinate.builtin_tasks.remove_old_jobs"},
        {"queue_name": "elsewhere"},
        {"status": "doing"},
        {"status": "failed"},
        {"attempts": 2147483647},
        {"priority": 2},
        {"priority": -2},
        {"scheduled_at": "-infinity"},
        {"scheduled_at": "2999-01-01"},
        {"lock": "x"},
        {"queueing_lock": "x"},
    ],
)
def test_a_job_begins_as_news_books_it(event: Event, forged: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match=r"events_job_is_a_delivery|begins in the queue"):
        book(event.pk, **forged)
    assert waiting() == 1


@pytest.mark.parametrize(
    "args",
    [
        "7",
        "null",
        "[]",
        '["event_id", "handler"]',
        "{}",
        '{"event_id": "%s"}',
        '{"handler": "x"}',
        '{"event_id": null, "handler": "x"}',
        '{"event_id": "%s", "handler": 7}',
        '{"event_id": "%s", "handler": "x", "more": 1}',
        '{"event_id": "%s", "handler": "x", "more": 1e100000}',
        '{"event_id": "%s", "handler": {"a": 1}}',
        '{"event_id": "garbage", "handler": "x"}',
        '{"event_id": "%s", "handler": "' + "x" * 121 + '"}',
        '{"event_id": "%s", "handler": "x", "more": ' + "[" * 500 + "]" * 500 + "}",
    ],
)
def test_a_job_says_which_event_and_which_handler_and_nothing_else(event: Event, args: str) -> None:
    with pytest.raises(DatabaseError, match=r"events_job_is_a_delivery|cannot delete from scalar"):
        book(event.pk, args.replace("%s", str(event.pk)))
    assert waiting() == 1


def test_a_name_of_any_length_that_handlers_have_is_taken(event: Event) -> None:
    book(event.pk, json.dumps({"event_id": str(event.pk), "handler": "x" * 120}))
    assert waiting() == 2


def test_an_event_that_is_not_there_is_delivered_to_nobody(event: Event) -> None:
    with pytest.raises(DatabaseError, match="an event that is there"):
        book(new_id())
    assert waiting() == 1
