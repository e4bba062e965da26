"""Audit rows and the log they are sealed into. Append-only here, in the grants, and by trigger."""

from typing import Any, NoReturn

from django.db import models

from senim.kit.clock import now
from senim.kit.ids import new_id


class AppendOnly(Exception):
    """Somebody tried to change or remove what may only be added."""


class Kept(models.Model):
    """What is written once, never changed and never removed."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row once. Raises `AppendOnly` for a row that exists."""
        if not self._state.adding:
            raise AppendOnly(f"{self._meta.label} is never changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raises `AppendOnly`, always."""
        raise AppendOnly(f"{self._meta.label} is never removed")


class AuditRow(Kept):
    """One act of one actor."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=now)
    actor_kind = models.CharField(max_length=16)
    """`account` or `process`."""
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=150)
    """As it was called then: accounts are renamed, the log is not."""
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=120)
    """What was acted on: `incident:UUID`."""
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    """What else must be known later; no confidential data."""

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["subject", "at"]),
            models.Index(fields=["at", "id"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.action} {self.subject}"


class Unsealed(models.Model):
    """A row that the sealer has not yet put into the log: written beside the row, removed by the sealer alone."""

    row = models.OneToOneField(AuditRow, primary_key=True, on_delete=models.PROTECT, related_name="unsealed")


class Leaf(Kept):
    """The place of one row in the log."""

    index = models.PositiveBigIntegerField(primary_key=True)
    """0, 1, 2 … without gaps, in the order of sealing."""
    row = models.OneToOneField(AuditRow, on_delete=models.PROTECT, related_name="leaf")
    hash = models.BinaryField(max_length=32)
    """SHA-256 of the row's canonical JSON as RFC 9162 §2.1.1 hashes a leaf."""


class Node(Kept):
    """The root of a complete subtree above the leaves, so that appending and proving read O(log n) rows."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    """1 and more: the subtree has 2^level leaves."""
    index = models.PositiveBigIntegerField()
    """The subtree begins at leaf index * 2^level."""
    hash = models.BinaryField(max_length=32)


class Checkpoint(Kept):
    """What the log was at one size, signed."""

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField(default=now)
    note = models.TextField()
    """The signed note (C2SP tlog-checkpoint): what is shown to others."""

    class Meta:
        ordering = ["size"]
