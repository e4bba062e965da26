"""Everything on one incident: its evidence line by line, what was done and by whom, who has it, what it waits for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import overload
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from senim.asoi import queries as asoi
from senim.incidents.models import Act, Assignment, Incident, Note, Task, Tick
from senim.incidents.steps import Step, steps_for


@dataclass(frozen=True)
class Line:
    """One line of evidence, as it stands in the log."""

    alert: UUID
    rule: str
    source: str
    epoch: str
    seq: int
    at: str
    sha256: str
    text: str


class Evidence(Sequence[Line]):
    """The lines of all alerts that are in an incident, in the order of alerts and lines; read page by page."""

    _FROM = """
        FROM incidents_incidentalert AS link
        JOIN detection_alert AS alert ON alert.id = link.alert_id
        CROSS JOIN LATERAL jsonb_array_elements(alert.evidence) WITH ORDINALITY AS line (said, place)
        WHERE link.incident_id = %s
        AND NOT EXISTS (SELECT 1 FROM incidents_incidentalert AS later WHERE later.follows_id = link.id)
    """
    _ROWS = """
        SELECT alert.id, alert.rule_title, said->>'source', said->>'epoch', (said->>'seq')::bigint, said->>'at',
            said->>'sha256', said->>'text'
    """

    def __init__(self, incident: Incident) -> None:
        self._incident = incident

    def __len__(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {self._FROM}", [self._incident.pk])
            (number,) = cursor.fetchone()
        return int(number)

    @overload
    def __getitem__(self, wanted: int) -> Line: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Line]: ...
    def __getitem__(self, wanted: int | slice) -> Line | list[Line]:
        if isinstance(wanted, int):
            return self._read(wanted, 1)[0]
        first = wanted.start or 0
        return self._read(first, (len(self) if wanted.stop is None else wanted.stop) - first)

    def _read(self, first: int, number: int) -> list[Line]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{self._ROWS} {self._FROM} ORDER BY link.joined_at, link.id, place OFFSET %s LIMIT %s",
                [self._incident.pk, first, number],
            )
            return [Line(*row) for row in cursor.fetchall()]


class Happened(StrEnum):
    """What can stand in an incident's history."""

    ACT_DECIDED = "act-decided"
    ACT_DONE = "act-done"
    ACT_OVERTAKEN = "act-overtaken"
    ALERT_JOINED = "alert-joined"
    ALERT_LEFT = "alert-left"
    ASSIGNED = "assigned"
    DELIVERED = "delivered"
    NOTE = "note"
    OPENED = "opened"
    TASK_ADDED = "task-added"
    TASK_DONE = "task-done"
    TASK_DROPPED = "task-dropped"
    TICKED = "ticked"
    TOLD = "told"
    UNTICKED = "unticked"


@dataclass(frozen=True)
class Entry:
    """One thing that happened to an incident."""

    at: datetime
    what: Happened
    who: str = ""
    """Whose act it was; empty: the platform's."""
    name: str = ""
    """Which deed, step, message or rule; to whom it was given."""
    text: str = ""
    """A reason, or the number of another incident."""


def history(incident: Incident) -> list[Entry]:
    """All that happened to `incident`, newest first: acts, alerts, notes, messages, and who had it."""
    entries = [
        Entry(incident.opened_at, Happened.OPENED, text=incident.split_from.number if incident.split_from else ""),
        *_acts(incident),
        *_alerts(incident),
        *_work(incident),
        *_messages(incident),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _acts(incident: Incident) -> Iterator[Entry]:
    for act in incident.acts.select_related("by", "outcome"):
        yield Entry(act.at, Happened.ACT_DECIDED, str(act.by), act.name, act.reason)
        if outcome := getattr(act, "outcome", None):
            what = Happened.ACT_OVERTAKEN if outcome.refusal else Happened.ACT_DONE
            yield Entry(outcome.at, what, name=act.name, text=outcome.refusal)


def _alerts(incident: Incident) -> Iterator[Entry]:
    for link in incident.alerts.select_related("alert", "follows__incident", "followed_by__incident"):
        origin = link.follows.incident.number if link.follows else ""
        yield Entry(link.joined_at, Happened.ALERT_JOINED, name=link.alert.rule_title, text=origin)
        if later := getattr(link, "followed_by", None):
            yield Entry(later.joined_at, Happened.ALERT_LEFT, name=link.alert.rule_title, text=later.incident.number)


def _work(incident: Incident) -> Iterator[Entry]:
    for note in notes(incident):
        yield Entry(note.at, Happened.NOTE, str(note.by), text=note.text)
    for given in incident.assignments.select_related("account", "by"):
        yield Entry(given.at, Happened.ASSIGNED, str(given.by), str(given.account or ""))
    for task in tasks(incident):
        yield Entry(task.at, Happened.TASK_ADDED, str(task.by), str(task.account or ""), task.text)
        if ended := getattr(task, "end", None):
            what = Happened.TASK_DONE if ended.is_done else Happened.TASK_DROPPED
            yield Entry(ended.at, what, str(ended.by), text=task.text)
    for tick in incident.ticks.select_related("by"):
        yield Entry(tick.at, Happened.TICKED if tick.is_done else Happened.UNTICKED, str(tick.by), tick.step)


def _messages(incident: Incident) -> Iterator[Entry]:
    for message in asoi.messages_about(incident.subject):
        kind = message.body.get("type", "first")
        yield Entry(message.created_at, Happened.TOLD, name=kind, text=str(message.sequence))
        if message.delivered_at:
            yield Entry(message.delivered_at, Happened.DELIVERED, name=kind, text=str(message.sequence))


def notes(incident: Incident) -> QuerySet[Note]:
    """What people wrote down about `incident`, oldest first."""
    return incident.notes.select_related("by")


def tasks(incident: Incident) -> QuerySet[Task]:
    """What is to be done about `incident` beside its steps: open ones first, by when they are due."""
    found = incident.tasks.select_related("account", "by", "end__by")
    return found.order_by(F("end__at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "at", "pk")


def assignment(incident: Incident) -> Assignment | None:
    """Who has `incident`, and who gave it to them; None where nobody ever had it."""
    return incident.assignments.select_related("account", "by").last()


@dataclass(frozen=True)
class Checked:
    """One step of containment and how it stands."""

    step: Step
    tick: Tick | None
    """The last one; None where nobody has touched it."""

    @property
    def is_done(self) -> bool:
        """Whether it is ticked."""
        return self.tick is not None and self.tick.is_done


def checklist(incident: Incident) -> list[Checked]:
    """The steps of containment of the incident's kind, and which of them are done."""
    ticks = {tick.step: tick for tick in incident.ticks.select_related("by")}
    return [Checked(step, ticks.get(step.code)) for step in steps_for(incident.kind)]


def waiting_act(incident: Incident) -> Act | None:
    """The act that was decided and has not had its turn yet."""
    return incident.acts.filter(outcome=None).select_related("by").first()


def could_take(incident: Incident) -> QuerySet[Incident]:
    """The incidents into which `incident` could be merged, newest first."""
    found = Incident.objects.filter(state=Incident.State.OPEN, exercise=incident.exercise)
    return found.exclude(pk=incident.pk)
