"""Entries of registers, version by version."""

from django.db import models
from django.db.models import Q

from senim.kit.clock import now
from senim.kit.ids import new_id


class Version(models.Model):
    """What a register said of one entry from a moment on, until the next version. Written once.

    The database keeps that versions follow each other without a hole, are written when they are said, and that
    nothing follows the last one of an entry that has ended (`0002_written_once`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.CharField(max_length=40)
    entry = models.UUIDField()
    number = models.PositiveIntegerField()
    """1, 2, 3, …"""
    facts = models.JSONField()
    """Field → text, canonical (`registers.fields`)."""
    owner = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="register_entries")
    """Who answers for it."""
    review_on = models.DateField()
    """The day on which the owner looks at it again at the latest."""
    is_over = models.BooleanField(default=False)
    """The register has no such entry from here on."""
    reason = models.TextField()
    written_by = models.CharField(max_length=150)
    """As the audit log names who wrote it; the log has the account itself."""
    written_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["entry", "number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="registers_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="registers_version_has_a_reason"),
            models.CheckConstraint(condition=Q(number__gte=1), name="registers_version_counts_from_one"),
        ]
        indexes = [models.Index(fields=["register", "entry", "-number"], name="registers_newest")]
