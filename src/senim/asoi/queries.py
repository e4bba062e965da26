"""Reading the outbox."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from senim.asoi import pinned
from senim.asoi.errors import UnknownMessage
from senim.asoi.internal.content import checkpoint_of
from senim.asoi.models import HandedIn, Message, Receipt
from senim.asoi.proof import proof_bundle
from senim.asoi.settings import asoi_settings
from senim.audit.verification import Witness
from senim.kit.clock import now as read_clock

__all__ = [
    "handed_in",
    "late",
    "message",
    "messages",
    "messages_about",
    "proof_bundle",
    "recipient_is_stand_in",
    "sealed_as",
    "signed_inside",
    "to_seal",
    "to_send",
    "unanswered",
    "waiting",
    "witnessed_checkpoints",
]

_AT_ONCE, _SEALED_AT_ONCE = 100, 20
_BYTES = ("content", "signed", "sealed")
_ON_THE_WAY = (Message.State.SEALED, Message.State.EXPORTED)
_PASSED_ON = (Message.State.DELIVERED, Message.State.EXPORTED)


def message(pk: UUID) -> Message:
    """The message `pk`. Raises `UnknownMessage`."""
    try:
        return Message.objects.select_related("receipt").prefetch_related("attempts").get(pk=pk)
    except Message.DoesNotExist:
        raise UnknownMessage(str(pk)) from None


def messages_about(about: str) -> list[Message]:
    """Every message about one thing (`incident:UUID`), in their sequence, with attempts and receipt."""
    return list(
        Message.objects.filter(about=about).select_related("receipt").prefetch_related("attempts").order_by("sequence")
    )


def messages() -> QuerySet[Message]:
    """All messages, newest first, without their bytes."""
    return Message.objects.defer(*_BYTES).order_by("-created_at", "-id")


def waiting() -> list[Message]:
    """What the regulator does not have for certain, oldest first. An exported file is still waiting for its receipt."""
    return list(messages().exclude(state=Message.State.DELIVERED).order_by("created_at", "id"))


def late(now: datetime | None = None) -> list[Message]:
    """What is still not delivered longer than `late_after` after it was told, oldest first."""
    # R228/81-1: immediately. The law counts no minutes; when we call a message late is our choice, in senim.toml.
    patience = timedelta(seconds=asoi_settings(settings.SENIM_INSTANCE).late_after)
    limit = (now or read_clock()) - patience
    return [message for message in waiting() if message.created_at < limit]


def recipient_is_stand_in() -> bool:
    """Whether messages of this instance reach a stand-in only. Raises `NotSealable` where certificates are missing."""
    return pinned.is_stand_in(settings.SENIM_INSTANCE)


def sealed_as(sealed: bytes) -> Message | None:
    """The message whose sealed bytes these are; None for others."""
    return Message.objects.filter(sealed=sealed).select_related("receipt").first()


def signed_inside(sealed: bytes) -> bytes | None:
    """The signed file inside an envelope of ours or of the regulator, where the outbox has that very envelope."""
    for kind in (Message, Receipt):
        found = kind.objects.filter(sealed=sealed).values_list("signed", flat=True).first()
        if found is not None:
            return bytes(found)
    return None


def handed_in(pk: UUID) -> HandedIn:
    """A file handed in, with its answer where there is one."""
    return HandedIn.objects.get(pk=pk)


def witnessed_checkpoints() -> list[Witness]:
    """Checkpoints of the audit log that the regulator's receipts bear witness to, oldest first."""
    delivered = Message.objects.filter(state=Message.State.DELIVERED).order_by("delivered_at", "id")
    found = []
    for message in delivered.only("pk", "content").iterator():
        checkpoint = checkpoint_of(bytes(message.content or b""))
        if checkpoint is not None:
            found.append(Witness(message.subject, checkpoint))
    return found


def to_seal() -> list[Message]:
    """Queued messages whose turn it is, oldest first."""
    due = Message.objects.filter(state=Message.State.QUEUED, next_try_at__lte=read_clock())
    return list(due.order_by("created_at", "id")[:_SEALED_AT_ONCE])


def to_send() -> list[UUID]:
    """Sealed messages whose turn it is: by time, and none before the earlier ones about the same thing have gone."""
    earlier = Message.objects.filter(about=OuterRef("about"), sequence__lt=OuterRef("sequence"))
    due = Message.objects.filter(~Exists(earlier.exclude(state__in=_PASSED_ON)), state__in=_ON_THE_WAY)
    ready = due.filter(next_try_at__lte=read_clock()).order_by("next_try_at", "id")
    return list(ready.values_list("pk", flat=True)[:_AT_ONCE])


def unanswered() -> list[HandedIn]:
    """Files handed in that nobody has answered yet, oldest first."""
    return list(HandedIn.objects.filter(answered_at=None)[:_AT_ONCE])
