"""What has left the history in its time: so that a hole is never mistaken for it, nor it for a hole."""

from django.db import models

from senim.kit.clock import now


class Expiry(models.Model):
    """Numbers `first` to `last` of an epoch, read on `day`, left because their time was over. Written once."""

    source = models.CharField(max_length=32)
    epoch = models.CharField(max_length=32)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    day = models.DateField()
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["source", "epoch", "first"]
        # A history that was killed between writing this and removing the day does both again.
        constraints = [
            models.UniqueConstraint(fields=["source", "epoch", "first", "last"], name="history_expired_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source}.{self.epoch}: {self.first} to {self.last}"
