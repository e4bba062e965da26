"""Audit rows. Append-only here, in the grants, and by trigger."""

from typing import Any, NoReturn

from django.db import models

from senim.kit.clock import now
from senim.kit.ids import new_id


class AppendOnly(Exception):
    """Somebody tried to change or remove what may only be added."""


class AuditRow(models.Model):
    """One act of one actor. Never changed, never removed."""

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
        indexes = [models.Index(fields=["subject", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row once. Raises `AppendOnly` for a row that exists."""
        if not self._state.adding:
            raise AppendOnly("an audit row is never changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raises `AppendOnly`, always."""
        raise AppendOnly("an audit row is never removed")


class Unsealed(models.Model):
    """A row that the sealer has not yet put into the log: written beside the row, removed by the sealer alone."""

    row = models.OneToOneField(AuditRow, primary_key=True, on_delete=models.PROTECT, related_name="unsealed")
