"""Tasks of an incident: written down, ended once, overdue in sight; nothing of them leaves the house."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from senim.audit.models import AuditRow
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import dossier, work
from senim.incidents.checks import CHECKS
from senim.incidents.deeds import Withdraw
from senim.incidents.errors import MayNotAct, TaskEnded, TaskRefused
from senim.incidents.models import Incident, Task
from senim.kit.checks import Asked, Fault
from senim.kit.clock import now
from tests.incidents.test_acts import Staff, do, told

pytestmark = pytest.mark.django_db
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


def add(account: Account, incident: Incident, text: str = "call the provider", **said: object) -> Task:
    given: dict[str, object] = {"to": None, "due_at": None, **said}
    return work.add_task(account, incident.pk, text, **given)  # type: ignore[arg-type]


def overdue(moment: datetime) -> list[Fault]:
    (check,) = (each for each in CHECKS if each.name == "incidents:tasks")
    return list(check.find(Asked(settings.SENIM_INSTANCE, moment)))


def test_open_ones_stand_first_by_when_they_are_due(analyst: Account, incident: Incident) -> None:
    later, sooner, some_day, ended = (
        add(analyst, incident, text, due_at=due)
        for text, due in (("b", now() + 2 * HOUR), ("a", now() + HOUR), ("c", None), ("d", now() + HOUR / 2))
    )
    work.end_task(analyst, incident.pk, ended.pk, is_done=True)
    assert list(dossier.tasks(incident)) == [sooner, later, some_day, ended]
    assert [each.is_open for each in dossier.tasks(incident)] == [True, True, True, False]


def test_it_stands_in_the_history_and_the_regulator_is_told_nothing(analyst: Account, incident: Incident) -> None:
    task = add(analyst, incident, to=analyst)
    work.end_task(analyst, incident.pk, task.pk, is_done=False)
    happened = [each.what.value for each in dossier.history(incident)]
    assert {"task-added", "task-dropped"} <= set(happened)
    assert len(told(incident)) == 1
    rows = AuditRow.objects.filter(subject=incident.subject, action__startswith="incidents:task:")
    assert [(row.action, row.detail["task"]) for row in rows.order_by("at")] == [
        ("incidents:task:added", task.pk),
        ("incidents:task:ended", task.pk),
    ]


@pytest.mark.refusal
def test_it_ends_once_and_for_its_own_incident(analyst: Account, incident: Incident, staff: Staff) -> None:
    task = add(analyst, incident)
    with pytest.raises(TaskEnded):
        work.end_task(analyst, incident.pk, task.pk + 1, is_done=True)
    work.end_task(analyst, incident.pk, task.pk, is_done=True)
    with pytest.raises(TaskEnded):
        work.end_task(analyst, incident.pk, task.pk, is_done=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(text="another")
    with pytest.raises(MayNotAct):
        add(staff(Role.AUDITOR), incident)


@pytest.mark.refusal
@pytest.mark.parametrize("said", ["nothing", "too much", "past", "auditor"])
def test_a_task_that_says_too_little_or_what_cannot_be(
    analyst: Account, incident: Incident, staff: Staff, said: str
) -> None:
    refused: dict[str, dict[str, object]] = {
        "nothing": {"text": " \n"},
        "too much": {"text": "x" * 501},
        "past": {"due_at": now() - TICK},
        "auditor": {"to": staff(Role.AUDITOR)},
    }
    with pytest.raises(TaskRefused):
        add(analyst, incident, **refused[said])  # type: ignore[arg-type]
    add(analyst, incident, "x" * 500, to=analyst, due_at=now() + HOUR)


def test_an_overdue_one_is_in_sight_while_its_incident_is_open(analyst: Account, incident: Incident) -> None:
    task = add(analyst, incident, due_at=now() + HOUR)
    assert task.due_at
    assert overdue(task.due_at) == []
    assert len(overdue(task.due_at + TICK)) == 1
    do(analyst, incident, Withdraw())
    assert overdue(task.due_at + TICK) == []


def test_one_that_ended_is_not_overdue(analyst: Account, incident: Incident) -> None:
    task = add(analyst, incident, due_at=now() + HOUR)
    work.end_task(analyst, incident.pk, task.pk, is_done=True)
    assert overdue(now() + 2 * HOUR) == []
