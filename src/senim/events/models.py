"""Event rows, and which of them were handled by whom."""

from django.db import models

from senim.kit.clock import now
from senim.kit.ids import new_id


class Event(models.Model):
    """Something the platform observed of itself. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=now)
    tag = models.CharField(max_length=64)
    subject = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    transaction = models.BigIntegerField(
        db_default=models.Func(function="txid_current", output_field=models.BigIntegerField()), editable=False
    )
    """Which transaction wrote it: readers take rows in the order of transactions that have ended, so that none is
    passed over because a slower transaction commits later (see `queries.settled_after`)."""

    class Meta:
        ordering = ["transaction", "id"]
        indexes = [models.Index(fields=["transaction", "id"]), models.Index(fields=["tag", "at"])]

    def __str__(self) -> str:
        return f"{self.tag} {self.subject}"


class Handled(models.Model):
    """A handler has heard an event: written in the handler's own transaction, so it happens once or not at all."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="handled")
    handler = models.CharField(max_length=120)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="events_once_per_handler")]
