"""Incidents, the alerts they consist of, and exercises."""

from django.db import models

from senim.incidents.kinds import IncidentKind
from senim.kit.clock import now
from senim.kit.ids import new_id


class Exercise(models.Model):
    """A real attack on ourselves, declared before it begins. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.PositiveSmallIntegerField(choices=[(kind.value, kind.name) for kind in IncidentKind])
    marker = models.CharField(max_length=64, unique=True)
    """The account name that the exercise attacks: random, told to nobody else, so no real attack can wear it."""
    declared_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=now)
    until = models.DateTimeField()
    """An alert raised later is real, whatever it is marked with."""

    class Meta:
        ordering = ["-declared_at"]

    def __str__(self) -> str:
        return f"{self.marker} ({IncidentKind(self.kind).clause})"


class Incident(models.Model):
    """One attack on one target by one actor, graded as one of the six kinds (R228/81-1)."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveSmallIntegerField(editable=False)
    serial = models.PositiveIntegerField(editable=False)
    kind = models.PositiveSmallIntegerField(choices=[(kind.value, kind.name) for kind in IncidentKind])
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    target = models.CharField(max_length=255)
    """What was attacked, as the rule names it: a host."""
    actor = models.CharField(max_length=255)
    """Who attacked, as far as the source saw: an address."""
    account = models.CharField(max_length=255, blank=True)
    """The account concerned, where there is one."""
    opened_at = models.DateTimeField(default=now)
    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    alert_count = models.PositiveIntegerField(default=0)
    event_count = models.PositiveIntegerField(default=0)
    exercise = models.ForeignKey(Exercise, null=True, on_delete=models.PROTECT, related_name="incidents")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["year", "serial"], name="incidents_number_once")]
        indexes = [models.Index(fields=["kind", "target", "actor", "state"])]

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
