"""Incidents: the alerts, parties and downtimes they consist of, what people decided and did about them; exercises."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from senim.incidents.kinds import IncidentKind
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.kit.marker import FORM

EXERCISE_LASTS = timedelta(minutes=15)
_KINDS = [(kind.value, kind.name) for kind in IncidentKind]


class Exercise(models.Model):
    """A real attack on ourselves, declared before it begins. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.PositiveSmallIntegerField(choices=_KINDS)
    marker = models.CharField(max_length=64, unique=True)
    """What the exercise attacks, by name (`kit.marker`): an account, an address, an order made for it alone, so that an
    attack on anything else cannot wear it."""
    declared_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=now)
    until = models.DateTimeField()
    """An alert raised later is real, whatever it is marked with."""
    is_near_miss = models.BooleanField(default=False)
    """What it plays is none of the six kinds, though nearly: that nothing comes of it is as it should be."""
    scenario = models.CharField(max_length=64, blank=True)
    """What is played, by a name that stays the same: each is judged by the last time that it was."""

    class Meta:
        ordering = ["-declared_at"]
        # Kept by the database itself: a process that may declare exercises must not pass a real account's break-in off
        # as one. Together with `migrations/0002_written_once.py`: none is declared in advance or afterwards.
        constraints = [
            models.CheckConstraint(condition=Q(marker__regex=f"^{FORM}$"), name="incidents_marker_form"),
            models.CheckConstraint(
                condition=Q(until__gt=F("declared_at"), until__lte=F("declared_at") + EXERCISE_LASTS),
                name="incidents_exercise_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.marker} ({IncidentKind(self.kind).clause})"

    def is_over(self, moment: datetime) -> bool:
        """Whether at `moment` nothing more can come of it that would show that it was detected."""
        end: ExerciseEnd | None = getattr(self, "end", None)
        return self.until < moment or (end is not None and end.at <= moment)


class ExerciseEnd(models.Model):
    """That whoever plays an exercise waits for nothing more: what was not detected by then was missed. Written once."""

    exercise = models.OneToOneField(Exercise, primary_key=True, on_delete=models.PROTECT, related_name="end")
    at = models.DateTimeField(default=now)


class Incident(models.Model):
    """One attack on one target, graded as one of the six kinds (R228/81-1).

    Number, origin and exercise never change. Kind, state and assessment change only by a person's act on record, one
    act at a time (`revision`); the database itself refuses anything else (`migrations/0004_changed_by_acts.py`).
    """

    class State(models.TextChoices):
        """Where it stands: alerts join an open one only."""

        OPEN = "open"
        CLOSED = "closed"
        WITHDRAWN = "withdrawn"
        """It was none. It stays on record, counts in no statistics, and can be reinstated."""
        MERGED = "merged"
        """It was part of another incident, which has its alerts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveSmallIntegerField(editable=False)
    """As the calendar of Almaty has it."""
    serial = models.PositiveIntegerField(editable=False)
    kind = models.PositiveSmallIntegerField(choices=_KINDS)
    target = models.CharField(max_length=255)
    """What was attacked first, as the rule names it: a host. All of them: `queries.parties`."""
    actor = models.CharField(max_length=255)
    """Who attacked first, as far as the source saw: an address. An attacker changes it at will, so that it does not
    tell one attack from another (`decisions/0013-one-attack-one-incident.md`)."""
    account = models.CharField(max_length=255, blank=True)
    """The account of the first alert, which the first notice tells of."""
    opened_at = models.DateTimeField(default=now)
    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    alert_count = models.PositiveIntegerField(default=0)
    event_count = models.PositiveBigIntegerField(default=0)
    exercise = models.ForeignKey(Exercise, null=True, on_delete=models.PROTECT, related_name="incidents")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    assessment = models.JSONField(null=True)
    """How grave it is and what it touches, as a person said last (`senim.incidents.assessment`); None: nobody has."""
    breach_known_at = models.DateTimeField(null=True)
    """When it was known that the security of personal data was breached, as the same person said; None: it was not."""
    revision = models.PositiveIntegerField(default=0)
    """How many acts of people about it have had their turn."""
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="absorbed")
    split_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="split_off")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="incidents_number_once"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="incidents_merged_into_one",
            ),
        ]
        indexes = [models.Index(fields=["kind", "target", "actor", "last_event_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How people call it: `2026-000017`."""
        return f"{self.year}-{self.serial:06d}"

    @property
    def clause(self) -> str:
        """The limb of its kind."""
        return IncidentKind(self.kind).clause

    @property
    def subject(self) -> str:
        """How audit rows, events and messages name it."""
        return f"incident:{self.pk}"


class IncidentAlert(models.Model):
    """An alert came to an incident. Written once: one that moves on gets another row, which follows this one.

    Each alert has one first row and each row at most one that follows it, so that every alert that came to an incident
    is in exactly one: the incident of the row that nothing follows (`queries.present`).
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="alerts")
    alert = models.ForeignKey("detection.Alert", on_delete=models.PROTECT, related_name="incidents")
    follows = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    joined_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["alert"], condition=Q(follows=None), name="incidents_alert_comes_once")
        ]


class Scope(models.Model):
    """Which alerts an open incident takes in: those graded as this kind, on this target, at this time."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="scopes")
    kind = models.PositiveSmallIntegerField(choices=_KINDS)
    target = models.CharField(max_length=255)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "kind", "target"], name="incidents_scope_once"),
        ]
        indexes = [models.Index(fields=["kind", "target", "last_at"], name="incidents_scope_search")]


class Party(models.Model):
    """Whom an incident concerns: an account, a target, an actor; and which message told the regulator of it."""

    class Role(models.TextChoices):
        """What it is to the incident."""

        ACCOUNT = "account"
        ACTOR = "actor"
        TARGET = "target"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=8, choices=Role.choices)
    name = models.CharField(max_length=255)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    events = models.PositiveBigIntegerField()
    """None: its alerts have gone to another incident; that it was told of here stays on record."""
    told_in = models.PositiveIntegerField(null=True)
    """The number of the message about the incident that told the regulator of it; None: none has yet."""

    class Meta:
        ordering = ["first_at", "name"]
        constraints = [models.UniqueConstraint(fields=["incident", "role", "name"], name="incidents_party_once")]
        indexes = [
            models.Index(fields=["incident", "role"], condition=Q(told_in=None), name="incidents_party_untold"),
            models.Index(fields=["role", "name"], name="incidents_party_search"),
        ]


class Downtime(models.Model):
    """An outage belongs to one incident, once: it is the incident (item 6), or came of it (items 1 to 5).

    When it began and ended stands with the outage, which may still grow.
    """

    outage = models.OneToOneField(
        "availability.Outage", primary_key=True, on_delete=models.PROTECT, related_name="downtime"
    )
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="downtimes")
    joined_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["joined_at", "pk"]

    @property
    def started_at(self) -> datetime:
        """When the service stopped answering."""
        return self.outage.began_at

    @property
    def ended_at(self) -> datetime | None:
        """When it answered again; None while it does not."""
        return self.outage.ended_at


class Decision(models.Model):
    """What a person decided about an alert that its rule does not grade: one of the six kinds, or none. Written once.

    The database refuses a decision about an alert that its rule has graded (`migrations/0002_written_once.py`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.OneToOneField("detection.Alert", on_delete=models.PROTECT, related_name="decision")
    kind = models.PositiveSmallIntegerField(null=True, choices=_KINDS)
    """None: dismissed, it is no incident of the six kinds."""
    reason = models.TextField()
    decided_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["decided_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="incidents_decision_has_a_reason"),
            models.CheckConstraint(condition=Q(kind=None) | Q(kind__range=(1, 6)), name="incidents_one_of_the_six"),
        ]


class Act(models.Model):
    """What a person decided about an incident (`senim.incidents.deeds`). Written once; the worker carries it out.

    One at a time: the next act is decided on what the one before has made of the incident, so that of two who decide
    at once one is refused (`incidents_one_act_at_a_time`; the database refuses numbers left out as well).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="acts")
    revision = models.PositiveIntegerField()
    """Its place among the acts about the incident, from 1."""
    deed = models.JSONField()
    reason = models.TextField()
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["incident", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "revision"], name="incidents_one_act_at_a_time"),
            models.CheckConstraint(condition=~Q(reason=""), name="incidents_act_has_a_reason"),
        ]

    @property
    def name(self) -> str:
        """Which deed it is."""
        return str(self.deed["deed"])


class ActOutcome(models.Model):
    """What became of an act when its turn came. Written once, in the transaction that carried it out."""

    act = models.OneToOneField(Act, primary_key=True, on_delete=models.PROTECT, related_name="outcome")
    at = models.DateTimeField(default=now)
    refusal = models.CharField(max_length=64, blank=True)
    """The code of the problem for which it was not carried out: things had changed meanwhile. Empty: it was."""


class Note(models.Model):
    """What somebody wrote down about an incident: plain text. Written once, and never told to the regulator."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="incidents_note_says_something")]


class Assignment(models.Model):
    """Who has an incident from this moment on; nobody where the account is empty. Written once: the latest counts."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assignments")
    account = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]


class Task(models.Model):
    """Something to do about an incident beside the steps that its kind has. Written once; `TaskEnd` ends it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="tasks")
    text = models.CharField(max_length=500)
    account = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    """Who is to do it; None: whoever has the incident."""
    due_at = models.DateTimeField(null=True)
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="incidents_task_says_something")]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return not hasattr(self, "end")


class TaskEnd(models.Model):
    """That a task is done, or not to be done any more. Written once."""

    task = models.OneToOneField(Task, primary_key=True, on_delete=models.PROTECT, related_name="end")
    is_done = models.BooleanField()
    """False: it was dropped."""
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)


class BreachNotice(models.Model):
    """That the authority for personal data was told of the incident's breach (`personal_data`). Written once."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="breach_notices")
    told_at = models.DateTimeField()
    """When, as whoever told it says."""
    reference = models.CharField(max_length=255)
    """By what it can be found again: the authority's number, a letter's."""
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["told_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reference=""), name="incidents_breach_notice_is_found_again")
        ]


class Tick(models.Model):
    """A step of containment (`senim.incidents.steps`) was ticked, or the tick taken back. Written once."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="ticks")
    step = models.CharField(max_length=64)
    is_done = models.BooleanField()
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]
