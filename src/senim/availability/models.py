"""Samples, outages, and what people say about them."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from senim.availability.internal.spells import Spell
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.kit.marker import FORM

LONGEST_MAINTENANCE = timedelta(hours=24)
"""Our choice: what lasts longer is announced day by day."""


class Sample(models.Model):
    """One sample of a service, as the line said it. Kept for a week behind the newest one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.CharField(max_length=64)
    at = models.DateTimeField()
    is_up = models.BooleanField()
    reason = models.CharField(max_length=255, blank=True)
    took_ms = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=64)
    epoch = models.CharField(max_length=64)
    seq = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    """Of the line."""
    text = models.TextField()

    class Meta:
        ordering = ["at", "-is_up"]
        constraints = [models.UniqueConstraint(fields=["service", "at", "is_up"], name="availability_sample_once")]


class Tally(models.Model):
    """How many samples of a quarter of an hour were good and how many failed: what the pages draw for months."""

    LASTS = timedelta(minutes=15)

    service = models.CharField(max_length=64)
    begins_at = models.DateTimeField()
    ups = models.PositiveIntegerField(default=0)
    downs = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "begins_at"], name="availability_tally_once")]


class Outage(models.Model):
    """A time in which a service did not answer (`internal.spells`), and what was raised because of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    last_down_at = models.DateTimeField()
    downs = models.PositiveBigIntegerField()
    returns = models.PositiveIntegerField()
    unseen = models.DurationField()
    ended_at = models.DateTimeField(null=True)
    ended_unseen = models.BooleanField()
    found_at = models.DateTimeField(default=now)
    is_over = models.BooleanField(default=False)
    """It ended, and the service has stayed up since for long enough."""
    warned_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    """When a person was asked because it may have been too long."""
    reported_at = models.DateTimeField(null=True)
    """When it was claimed to be an incident of R228/81-1(6)."""
    part_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    """Samples that came late showed that it was one with an earlier outage."""

    class Meta:
        ordering = ["-began_at"]
        indexes = [models.Index(fields=["service", "began_at"])]

    def __str__(self) -> str:
        return f"{self.service} since {self.began_at:%Y-%m-%d %H:%M:%S}"

    @property
    def spell(self) -> Spell:
        """It, as the definition has it."""
        return Spell(
            self.began_at,
            self.last_down_at,
            self.downs,
            self.returns,
            self.unseen,
            self.ended_at,
            self.ended_unseen,
        )

    def become(self, spell: Spell) -> None:
        """Take over what `spell` says; the caller saves."""
        self.began_at, self.last_down_at = spell.began_at, spell.last_down_at
        self.downs, self.returns, self.unseen = spell.downs, spell.returns, spell.unseen
        self.ended_at, self.ended_unseen = spell.ended_at, spell.ended_unseen


class Maintenance(models.Model):
    """Work on a service, announced by a person before it begins. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.TextField()
    announced_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="availability_maintenance_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST_MAINTENANCE),
                name="availability_maintenance_is_short",
            ),
            # Kept by the database itself: whoever may announce cannot explain an outage away once it is there. Only an
            # exercise, whose service exists for it alone, plays in the past.
            models.CheckConstraint(
                condition=Q(starts_at__gte=F("announced_at")) | Q(service__regex=f"^{FORM}$"),
                name="availability_announced_beforehand",
            ),
        ]

    @property
    def explains_until(self) -> datetime:
        """Until when it explains that the service does not answer: its end, or the moment in which it was cancelled."""
        cancelled = getattr(self, "cancellation", None)
        return min(self.ends_at, cancelled.cancelled_at) if cancelled else self.ends_at


class Cancellation(models.Model):
    """An announced maintenance does not take place, or not any more: from here on it explains nothing. Written once."""

    maintenance = models.OneToOneField(
        Maintenance, primary_key=True, on_delete=models.PROTECT, related_name="cancellation"
    )
    reason = models.TextField()
    cancelled_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="availability_cancellation_has_a_reason")]


class Cause(models.TextChoices):
    """Why a service did not answer, as a person found."""

    INCIDENT = "incident"
    """An information security incident."""
    POWER = "power"
    PROVIDER = "provider"
    HARDWARE = "hardware"
    OWN_WORK = "own-work"
    """Work of the bureau's own that nobody had announced."""
    OTHER = "other"
    """Something else that is no information security incident; the reason says what."""


class CauseDecision(models.Model):
    """What a person found to be the cause of an outage. Written once; the newest of an outage holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    outage = models.ForeignKey(Outage, on_delete=models.PROTECT, related_name="decisions")
    cause = models.CharField(max_length=16, choices=Cause.choices)
    reason = models.TextField()
    decided_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="availability_cause_has_a_reason")]

    @property
    def is_incident(self) -> bool:
        """Whether an information security incident was the cause."""
        return self.cause == Cause.INCIDENT
