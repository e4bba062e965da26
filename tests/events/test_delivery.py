"""News reaches its handlers, also those that failed before."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from procrastinate.testing import InMemoryConnector

from senim.events import delivery
from senim.events.operations import emit
from senim.events.vocabulary.detection import DetectionEvent
from senim.kit.clock import now


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 2), (29, 58), (30, 60), (31, 60), (100_000, 60)])
def test_a_handler_that_fails_is_tried_again_for_ever_and_within_a_minute(failures: int, seconds: int) -> None:
    job = Job(
        id=1, queue="news", lock=None, queueing_lock=None, task_name="events.deliver", attempts=failures, task_kwargs={}
    )
    before = now()
    decision = delivery.deliver.retry_strategy.get_retry_decision(exception=RuntimeError("refused"), job=job)  # type: ignore[union-attr]
    assert decision is not None
    assert decision.retry_at is not None
    wait = timedelta(seconds=seconds)
    assert before + wait <= decision.retry_at <= now() + wait


def test_the_log_says_which_handler_fails_and_why(caplog: pytest.LogCaptureFixture) -> None:
    said = {"event_id": "x", "handler": "incidents.handlers.open_from_alert"}
    job = Job(
        id=1, queue="news", lock=None, queueing_lock=None, task_name="events.deliver", attempts=2, task_kwargs=said
    )
    delivery.deliver.retry_strategy.get_retry_decision(exception=RuntimeError("refused"), job=job)  # type: ignore[union-attr]
    (record,) = caplog.records
    assert record.getMessage() == "incidents.handlers.open_from_alert failed, try 3"
    assert "refused" in caplog.text


@pytest.mark.django_db
def test_a_worker_s_own_news_is_booked_in_the_transaction_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's queue has a connection of its own, to which the event is not there yet."""
    monkeypatch.setattr(delivery, "_subscribed", {DetectionEvent.ALERT_RAISED.value: ("rooms.handler",)})
    elsewhere = InMemoryConnector()
    with app.replace_connector(elsewhere):
        event = emit(DetectionEvent.ALERT_RAISED, "alert:1")
    assert not elsewhere.jobs
    (job,) = ProcrastinateJob.objects.all()
    assert job.args == {"event_id": str(event.pk), "handler": "rooms.handler"}
