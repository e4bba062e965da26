"""One row for every loop that is to go round; it says when the loop last did."""

from django.db import models


class Beat(models.Model):
    """When a loop of a process last came round.

    The table is not logged (`migrations/0002_own_beats.py`): a beat is worth no write to the disk, and after a crash of
    the database nothing is known until the next one.
    """

    process = models.CharField(max_length=32)
    part = models.CharField(max_length=32, blank=True)
    """Empty: the process itself. Else what of its work the loop looks after: the name of a source, the pager."""
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "part"], name="pulse_one_row_per_loop")]

    def __str__(self) -> str:
        return f"{self.process} {self.part}".strip()
