"""The ledger of the durable stream: what arrived of each source, what is missing, what the collector had to say."""

from django.db import models

from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.kit.marker import FORM
from senim.telemetry.notices import CONDITIONS


class Ledger(models.Model):
    """One epoch of one source, as far as it has been accepted."""

    source = models.CharField(max_length=32)
    epoch = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    host = models.CharField(max_length=255)
    next_seq = models.BigIntegerField(default=1)
    """The lowest number never seen; every lower one was accepted or lies in a gap."""
    lines = models.BigIntegerField(default=0)
    """How many were accepted."""
    flaws = models.JSONField(default=dict)
    """How many lines had which flaw, by name."""
    bytes_cut = models.BigIntegerField(default=0)
    """How many bytes overlong lines lost."""
    unfinished = models.BinaryField(default=b"")
    """What the lines accepted so far say of the next ones (`parsers.parse_joined`)."""
    formless = models.BigIntegerField(default=0)
    """How strange its newest lines are, as to the form of their kind (`parsers.form.strangeness`)."""
    formless_since = models.DateTimeField(null=True)
    """When the collector read the first of those."""
    opened_at = models.DateTimeField(default=now)
    counted_on = models.DateField(null=True)
    """The day, by the bureau's calendar, on which lines were accepted last; None: none ever was."""
    last_line_at = models.DateTimeField(null=True)
    """When the collector read the newest accepted line."""
    read_until = models.DateTimeField(null=True)
    """Up to when the collector had read the source, as far as that has come the way of every line: behind the newest
    line there was nothing until then."""

    class Meta:
        ordering = ["source", "opened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["source", "epoch"], name="telemetry_one_ledger_per_epoch")]

    def __str__(self) -> str:
        return f"{self.source}.{self.epoch} up to {self.next_seq - 1}"


class DayEnd(models.Model):
    """How many lines of an epoch had been accepted when a day ended. Written once, by the first line of a later day.

    What was accepted on a day, in a month, in a year is told from these years later, when the lines are long gone.
    """

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="day_ends")
    day = models.DateField()
    """By the bureau's calendar. Days without lines have no row."""
    lines = models.BigIntegerField()
    """Since the epoch began."""

    class Meta:
        ordering = ["ledger", "day"]
        constraints = [models.UniqueConstraint(fields=["ledger", "day"], name="telemetry_day_ends_once")]

    def __str__(self) -> str:
        return f"{self.ledger_id} at the end of {self.day}: {self.lines}"


class Gap(models.Model):
    """Numbers `first` to `last` of an epoch that did not arrive in their turn; closed when they arrive after all."""

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="gaps")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    found_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["ledger", "first"]
        indexes = [
            models.Index(fields=["ledger", "first"], condition=models.Q(closed_at=None), name="telemetry_open_gaps")
        ]

    def __str__(self) -> str:
        return f"{self.ledger.source}.{self.ledger.epoch}: {self.first} to {self.last}"


class Notice(models.Model):
    """Something the collector had to say about a source; written before anything that it read afterwards is sent."""

    source = models.CharField(max_length=32)
    epoch = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    """The number that the next line had then."""
    kind = models.CharField(max_length=32)
    """A `NoticeKind`; the kinds and their words are the program's, not the schema's."""
    at = models.DateTimeField(default=now)
    detail = models.JSONField(default=dict)
    """Facts by name: path, offset, reason."""

    class Meta:
        ordering = ["at", "id"]
        # A collector that was killed finds the same loss again when it starts: it is written once.
        constraints = [
            models.UniqueConstraint(
                fields=["source", "epoch", "seq", "kind"],
                condition=~models.Q(kind__in=sorted(CONDITIONS)),
                name="telemetry_said_once",
            ),
        ]
        indexes = [models.Index(fields=["source", "at"])]

    def __str__(self) -> str:
        return f"{self.source}: {self.kind}"


class SeenLoss(models.Model):
    """That a person has looked at a loss, and what they say of it. Written once.

    A loss is a notice after which lines may be missing, or numbers of an epoch that did not arrive. Numbers are named
    themselves and not by their gap: of a gap that was seen, what is left when some arrive after all was seen as well.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.OneToOneField(Notice, null=True, on_delete=models.PROTECT, related_name="seen")
    ledger = models.ForeignKey(Ledger, null=True, on_delete=models.PROTECT, related_name="seen")
    first = models.BigIntegerField(null=True)
    last = models.BigIntegerField(null=True)
    note = models.TextField()
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(note=""), name="telemetry_seen_with_a_note"),
            models.CheckConstraint(
                condition=models.Q(notice__isnull=False, ledger=None, first=None, last=None)
                | models.Q(notice=None, ledger__isnull=False, first__isnull=False, last__isnull=False),
                name="telemetry_seen_is_one_loss",
            ),
        ]


class Marker(models.Model):
    """A marker that an exercise wears: declared before anything wears it, written once."""

    marker = models.CharField(primary_key=True, max_length=64)
    until = models.DateTimeField()
    """In what is read later it is a text like any."""

    class Meta:
        ordering = ["until", "marker"]
        constraints = [
            models.CheckConstraint(condition=models.Q(marker__regex=f"^{FORM}$"), name="telemetry_marker_form")
        ]

    def __str__(self) -> str:
        return self.marker
