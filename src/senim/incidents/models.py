"""Incidents, the alerts and downtimes they consist of, what people decided about alerts, and exercises."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from senim.incidents.kinds import IncidentKind
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.kit.marker import FORM

EXERCISE_LASTS = timedelta(minutes=15)
JOIN_WINDOW = timedelta(hours=1)
"""Our choice: alerts of one kind, target and actor whose events lie no further apart are one attack."""
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


class Incident(models.Model):
    """One attack on one target by one actor, graded as one of the six kinds (R228/81-1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveSmallIntegerField(editable=False)
    """As the calendar of Almaty has it."""
    serial = models.PositiveIntegerField(editable=False)
    kind = models.PositiveSmallIntegerField(choices=_KINDS)
    target = models.CharField(max_length=255)
    """What was attacked, as the rule names it: a host."""
    actor = models.CharField(max_length=255)
    """Who attacked, as far as the source saw: an address. Alerts of other actors belong to other incidents."""
    account = models.CharField(max_length=255, blank=True)
    """The account of the first alert, which the first notice tells of; all of them: `queries.accounts_of`."""
    opened_at = models.DateTimeField(default=now)
    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    alert_count = models.PositiveIntegerField(default=0)
    event_count = models.PositiveBigIntegerField(default=0)
    exercise = models.ForeignKey(Exercise, null=True, on_delete=models.PROTECT, related_name="incidents")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["year", "serial"], name="incidents_number_once")]
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
    """An alert belongs to one incident, once."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="alerts")
    alert = models.OneToOneField("detection.Alert", on_delete=models.PROTECT, related_name="incident")
    joined_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["joined_at", "pk"]


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
