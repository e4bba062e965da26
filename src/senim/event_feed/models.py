"""How far the feed has read each source, and what it has picked and not yet put into a batch.

Clauses: R228/81-2.
"""

from django.db import models

from senim.kit.clock import now


class Place(models.Model):
    """One epoch of one source, as far as the feed has taken it."""

    source = models.CharField(max_length=32)
    epoch = models.CharField(max_length=32)
    next_seq = models.BigIntegerField(default=1)
    """The lowest number never seen; every lower one was taken or is missing."""
    missing = models.JSONField(default=list)
    """Numbers jumped over that have not come since: `[[first, last], …]`."""
    untold = models.JSONField(default=list)
    """Those of `missing` that the regulator has not been told of."""
    unfinished = models.BinaryField(default=b"")
    """What the lines taken so far say of the next ones (`parsers.parse_joined`)."""
    read_until = models.DateTimeField(default=now)
    """Up to when the collector had read the source when it sent the newest frame that was taken."""

    class Meta:
        ordering = ["source", "epoch"]
        constraints = [models.UniqueConstraint(fields=["source", "epoch"], name="event_feed_one_place_per_epoch")]

    def __str__(self) -> str:
        return f"{self.source}.{self.epoch} up to {self.next_seq - 1}"


class Chain(models.Model):
    """One run of numbered events in numbered batches: what happened, or what exercises did. The two never mix."""

    class Name(models.TextChoices):
        """What a chain tells of; `about` of its messages."""

        EVENTS = "event-feed:events"
        EXERCISES = "event-feed:exercises"

    name = models.CharField(primary_key=True, max_length=32, choices=Name.choices)
    events = models.BigIntegerField(default=0)
    """Number of the newest event."""
    batches = models.PositiveIntegerField(default=0)
    """Number of the newest batch."""

    def __str__(self) -> str:
        return f"{self.name} up to {self.events}"


class Portion(models.Model):
    """Consecutive events of one chain, picked together, that wait for their batch."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT)
    first = models.BigIntegerField()
    """Number of its first event; where it has none, of the next one."""
    last = models.BigIntegerField()
    """Number of its last event; where it has none, the one before `first`."""
    told = models.TextField()
    """Events and missing numbers as JSON (`batch.Content`)."""
    at = models.DateTimeField(default=now)
    """When it was picked."""

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.chain_id}: {self.first} to {self.last}"
