"""How people work on an incident without changing it: notes, who has it, tasks, steps of containment ticked.

Each commits with its audit row; nothing of it is told to the regulator.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents.errors import EmptyNote, MayNotAct, TaskEnded, TaskRefused, UnknownStep
from senim.incidents.models import Assignment, Incident, Note, Task, TaskEnd, Tick
from senim.incidents.steps import steps_for
from senim.kit.clock import now

LONGEST_NOTE, LONGEST_TASK = 10_000, 500


@transaction.atomic
def write_note(account: Account, pk: UUID, text: str) -> Note:
    """Write `text` down about incident `pk`. Raises `MayNotAct`, `EmptyNote`, `Incident.DoesNotExist`."""
    incident = _worked_on(account, pk)
    if not text.strip():
        raise EmptyNote
    note = Note.objects.create(incident=incident, text=text.strip()[:LONGEST_NOTE], by=account)
    # What it says stays with the incident: the audit log knows that it was written.
    audit.record(account.as_actor(), AuditAction.INCIDENTS_NOTE_WRITTEN, incident.subject, detail={"note": note.pk})
    return note


@transaction.atomic
def assign(account: Account, pk: UUID, to: Account | None) -> Assignment:
    """Let `to` have incident `pk` from now on; nobody where it is None.

    Raises `MayNotAct` where `account` or `to` may not work on incidents, `Incident.DoesNotExist`.
    """
    incident = _worked_on(account, pk)
    if to is not None and not to.may(Permission.INCIDENTS_INCIDENT_WORK):
        raise MayNotAct
    given = Assignment.objects.create(incident=incident, account=to, by=account)
    detail = {"to": to.username if to else None}
    audit.record(account.as_actor(), AuditAction.INCIDENTS_INCIDENT_ASSIGNED, incident.subject, detail=detail)
    return given


@transaction.atomic
def add_task(account: Account, pk: UUID, text: str, *, to: Account | None, due_at: datetime | None) -> Task:
    """Write down that `text` is to be done about incident `pk`, by `to` and until `due_at` where these are known.

    Raises `MayNotAct`, `TaskRefused`, `Incident.DoesNotExist`.
    """
    incident, text = _worked_on(account, pk), text.strip()
    may_do = to is None or to.may(Permission.INCIDENTS_INCIDENT_WORK)
    if not 0 < len(text) <= LONGEST_TASK or not may_do or (due_at is not None and due_at <= now()):
        raise TaskRefused
    task = Task.objects.create(incident=incident, text=text, account=to, due_at=due_at, by=account)
    detail = {"task": task.pk, "to": to.username if to else None}
    audit.record(account.as_actor(), AuditAction.INCIDENTS_TASK_ADDED, incident.subject, detail=detail)
    return task


@transaction.atomic
def end_task(account: Account, pk: UUID, task: int, *, is_done: bool) -> TaskEnd:
    """Say that `task` of incident `pk` is done, or is not to be done any more. Raises `MayNotAct`, `TaskEnded`."""
    incident = _worked_on(account, pk)
    found = Task.objects.filter(incident=incident, pk=task, end=None).first()
    if found is None:
        raise TaskEnded
    try:
        with transaction.atomic():
            ended = TaskEnd.objects.create(task=found, is_done=is_done, by=account)
    except IntegrityError as error:  # somebody ended it in the same moment
        raise TaskEnded from error
    detail = {"task": found.pk, "done": is_done}
    audit.record(account.as_actor(), AuditAction.INCIDENTS_TASK_ENDED, incident.subject, detail=detail)
    return ended


@transaction.atomic
def tick(account: Account, pk: UUID, step: str, *, is_done: bool) -> Tick:
    """Say that `step` of containing incident `pk` is done, or is not. Raises `MayNotAct`, `UnknownStep`."""
    incident = _worked_on(account, pk)
    if step not in {each.code for each in steps_for(incident.kind)}:
        raise UnknownStep(step)
    ticked = Tick.objects.create(incident=incident, step=step, is_done=is_done, by=account)
    detail = {"step": step, "done": is_done}
    audit.record(account.as_actor(), AuditAction.INCIDENTS_STEP_TICKED, incident.subject, detail=detail)
    return ticked


def _worked_on(account: Account, pk: UUID) -> Incident:
    if not account.may(Permission.INCIDENTS_INCIDENT_WORK):
        raise MayNotAct
    return Incident.objects.get(pk=pk)
