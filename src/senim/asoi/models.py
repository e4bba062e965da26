"""Messages to the regulator, every try to deliver them, receipts, time-stamps, and files handed in.

The outbox is these tables: a message row commits with what it tells of, and a trigger sees to it that nothing that was
said, sealed or answered is ever changed or removed, and that nothing counts as delivered without a receipt
(`migrations/0002_unchangeable.py`).
"""

from typing import Any

from django.db import models

from senim.asoi.kinds import MessageKind, VisitOutcome
from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.ids import new_id


class Message(models.Model):
    """One message to the regulator. What has changed since is told by another message, which names this one."""

    class State(models.TextChoices):
        """Where it stands: queued → sealed (→ exported) → delivered; or refused."""

        QUEUED = "queued"
        SEALED = "sealed"
        EXPORTED = "exported"
        DELIVERED = "delivered"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32, choices=[(kind.value, kind.value) for kind in MessageKind])
    about = models.CharField(max_length=120)
    """What it tells of: `incident:UUID`."""
    sequence = models.PositiveIntegerField()
    """Its place among the messages about the same thing, from 1."""
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    exercise = models.BooleanField(default=False)
    told = models.TextField()
    """The body as canonical JSON text: what is signed must be what was told, to the last digit."""
    created_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)

    content = models.BinaryField(null=True)
    """The signed content: canonical JSON."""
    signed = models.BinaryField(null=True)
    """The content inside SignedData: what proves it after the envelope is gone."""
    sealed = models.BinaryField(null=True)
    """The envelope: the very bytes that every try sends and every export writes."""
    sha256 = models.CharField(max_length=64, blank=True)
    """Of the signed content, lower-case hexadecimal; the receipt names it."""
    sealed_at = models.DateTimeField(null=True)

    first_sent_at = models.DateTimeField(null=True)
    exported_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=64, blank=True)
    """The code of the problem for which it was refused."""
    tries = models.PositiveIntegerField(default=0)
    """Tries since the last success; the pause before the next one grows with them."""
    next_try_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["about", "sequence"]
        constraints = [models.UniqueConstraint(fields=["about", "sequence"], name="asoi_sequence_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="asoi_waiting", condition=~models.Q(state__in=["delivered", "refused"])
            ),
            models.Index(fields=["created_at"], name="asoi_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about} {self.sequence}"

    @property
    def body(self) -> dict[str, Any]:
        """What it tells."""
        body: dict[str, Any] = canonical.loads(self.told.encode())
        return body

    @property
    def subject(self) -> str:
        """How audit rows and events name it."""
        return f"message:{self.pk}"


class Outcome(models.TextChoices):
    """How a try ended."""

    DELIVERED = "delivered"
    INTERRUPTED = "interrupted"
    """The process was ended in the middle: it is not known what the regulator has."""
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    SERVER_NOT_TRUSTED = "server-not-trusted"
    REFUSED = "refused"
    """The regulator answered with an error; it is asked again."""
    IN_CONFLICT = "in-conflict"
    RECEIPT_REFUSED = "receipt-refused"
    NOT_SEALABLE = "not-sealable"


class Attempt(models.Model):
    """One try to deliver a message."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, choices=Outcome.choices, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    """A code or a short answer of the other side, printable; no content."""

    class Meta:
        ordering = ["started_at", "pk"]
        indexes = [models.Index(fields=["message"], name="asoi_under_way", condition=models.Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {self.outcome}"


class Receipt(models.Model):
    """What the regulator signed about a message: the proof of delivery. Written once."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.PROTECT, related_name="receipt")
    sealed = models.BinaryField()
    """As it came: an envelope for our receipt key."""
    signed = models.BinaryField()
    """SignedData: verifiable by anybody with the regulator's certificate."""
    content = models.BinaryField()
    """The signed content: canonical JSON."""
    received_at = models.DateTimeField()
    """When the regulator says that it received the message."""
    signer = models.CharField(max_length=64)
    """SHA-256 of the signer's certificate, lower-case hexadecimal."""
    accepted_at = models.DateTimeField(default=now)
    """When we had checked it."""
    came_by = models.CharField(max_length=8, choices=[("https", "https"), ("file", "file")])


class Carriage(models.Model):
    """That somebody carried a message's file to the regulator, as they say. Written once; a receipt alone delivers."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="carriages")
    carried_at = models.DateTimeField()
    way = models.CharField(max_length=255)
    """How, and to whom: in words that let it be found again."""
    by = models.CharField(max_length=150)
    """Who says so, as audit rows name them."""
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(way=""), name="asoi_carriage_by_some_way")]


class CarrierVisit(models.Model):
    """One visit of a carrier to the regulator's folders. Written once, when it is over."""

    at = models.DateTimeField(default=now)
    outcome = models.CharField(max_length=32, choices=[(each.value, each.value) for each in VisitOutcome])
    detail = models.CharField(max_length=200, blank=True)
    """A short word of the program or of the other side, printable; no content."""
    put = models.PositiveIntegerField()
    """How many files lie there now that did not before."""
    fetched = models.PositiveIntegerField()
    """How many receipts came that had not come before."""

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.outcome}"


class TimeStamp(models.Model):
    """What a time-stamping authority signed: that a message's signed file was there at that time. Written once."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.PROTECT, related_name="stamp")
    response = models.BinaryField()
    """As it came (RFC 3161, TimeStampResp), over exactly `Message.signed`."""
    certificate = models.BinaryField()
    """The authority's certificate that was believed, DER."""
    at = models.DateTimeField()
    """The time in the stamp."""
    accepted_at = models.DateTimeField(default=now)
    """When we had checked it."""


class Ending(models.Model):
    """Until when a certificate of the channel is good, a successor beside it counted, as the channel's process sees it.

    It alone may read the certificates; the house hears from here when one of them ends.
    """

    name = models.CharField(primary_key=True, max_length=120)
    """Where it lies in the instance."""
    ends_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["ends_at", "name"]


class HandedIn(models.Model):
    """A file that only the process with the receipt key can open: handed to it, answered by it."""

    class Wish(models.TextChoices):
        """What is asked for."""

        IMPORT = "import"
        OPEN = "open"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wish = models.CharField(max_length=8, choices=Wish.choices)
    data = models.BinaryField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=64, blank=True)
    """The code of the refusal; empty where there was none."""
    detail = models.CharField(max_length=200, blank=True)
    answer = models.JSONField(null=True)

    class Meta:
        ordering = ["at", "id"]
