"""Reading the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Count, Exists, Expression, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from senim.asoi import pinned
from senim.asoi.errors import ProofRefused, UnknownMessage
from senim.asoi.internal.content import checkpoint_of
from senim.asoi.kinds import MessageKind, VisitOutcome
from senim.asoi.models import Attempt, Carriage, CarrierVisit, Ending, HandedIn, Message, Receipt
from senim.asoi.proof import proof_bundle
from senim.asoi.settings import asoi_settings
from senim.asoi.verification import Trust, verify_pair
from senim.audit.findings import Finding, FindingCode
from senim.audit.verification import Witness
from senim.kit.clock import now as read_clock

__all__ = [
    "UNDER_WAY",
    "as_files",
    "carried_in_vain",
    "carrier_fails",
    "checkpoint_in",
    "clock_difference",
    "files_go_by_themselves",
    "handed_in",
    "is_silent",
    "late",
    "latest_about",
    "latest_witness",
    "message",
    "messages",
    "messages_about",
    "outbox",
    "proof_bundle",
    "recipient_is_stand_in",
    "sealed_as",
    "sealed_bytes",
    "signed_inside",
    "silent_since",
    "stamps_missing",
    "state_about",
    "to_carry",
    "to_hand_over",
    "to_seal",
    "to_send",
    "to_stamp",
    "unanswered",
    "undelivered_about",
    "undelivered_since",
    "waiting",
    "witnessed_checkpoints",
]

_AT_ONCE, _SEALED_AT_ONCE = 100, 20
_LARGE = Case(When(kind=MessageKind.EVENT_BATCH.value, then=Value(1)), default=Value(0))
"""R228/81-1: incidents go immediately. Batches of events are large and many: whatever else there is goes first."""
_BYTES = ("content", "signed", "sealed")
_OF_MESSAGE = tuple(f"message__{name}" for name in (*_BYTES, "told"))
_ON_THE_WAY = (Message.State.SEALED, Message.State.EXPORTED)
UNDER_WAY = (Message.State.QUEUED, Message.State.SEALED)
"""What neither arrived nor was handed over as a file nor was given up: whatever is told next about the same thing waits
for it."""
_PASSED_ON = (Message.State.DELIVERED, Message.State.EXPORTED)
_AS_FILES = [kind.value for kind in MessageKind if kind.has_file_form]


def message(pk: UUID) -> Message:
    """The message `pk`. Raises `UnknownMessage`."""
    try:
        return Message.objects.select_related("receipt", "stamp").prefetch_related("attempts").get(pk=pk)
    except Message.DoesNotExist:
        raise UnknownMessage(str(pk)) from None


def messages_about(about: str) -> list[Message]:
    """Every message about one thing (`incident:UUID`), in their sequence, with attempts and receipt."""
    return list(
        Message.objects.filter(about=about).select_related("receipt").prefetch_related("attempts").order_by("sequence")
    )


def state_about(about: Expression) -> Subquery:
    """Where all messages about one thing stand, in a query of such things, which messages call `about`.

    `delivered`, or the state of the first that the regulator does not have; null where nothing was told.
    """
    is_there = Case(When(state=Message.State.DELIVERED, then=Value(1)), default=Value(0))
    return Subquery(Message.objects.filter(about=about).order_by(is_there, "sequence").values("state")[:1])


def checkpoint_in(message: Message) -> str | None:
    """The checkpoint of the audit log that the signed content of `message` carries; None where it carries none.

    Raises `ValueError` where the content does not read as one.
    """
    return checkpoint_of(bytes(message.content or b""))


def latest_about(about: str) -> Message:
    """The newest message about one thing, without its bytes. Raises `Message.DoesNotExist` where nothing was told."""
    return Message.objects.defer(*_BYTES).filter(about=about).latest("sequence")


def undelivered_about(about: str) -> int:
    """How many messages about one thing the regulator does not have for certain."""
    return Message.objects.filter(about=about).exclude(state=Message.State.DELIVERED).count()


def undelivered_since(about: str) -> datetime | None:
    """When the oldest of them was told; None where the regulator has all."""
    waits = Message.objects.filter(about=about).exclude(state=Message.State.DELIVERED).order_by("sequence")
    return waits.values_list("created_at", flat=True).first()


def messages() -> QuerySet[Message]:
    """All messages, newest first, without their bytes."""
    return Message.objects.defer(*_BYTES).order_by("-created_at", "-id")


def waiting() -> QuerySet[Message]:
    """What the regulator does not have for certain, oldest first. An exported file is still waiting for its receipt."""
    return messages().exclude(state=Message.State.DELIVERED).order_by("created_at", "id")


def late(now: datetime | None = None) -> QuerySet[Message]:
    """What is still not delivered longer than `late_after` after it was told, oldest first.

    R228/81-1 says immediately and counts no minutes: when we call a message late is our choice, in senim.toml.
    """
    patience = timedelta(seconds=asoi_settings(settings.SENIM_INSTANCE).late_after)
    limit = (now or read_clock()) - patience
    return waiting().filter(created_at__lt=limit)


@dataclass(frozen=True)
class Outbox:
    """How many messages stand where; exercises are not counted."""

    delivered: int
    waiting: int
    """What the regulator does not have for certain: all that is not delivered."""
    late: int
    """Of these, what was told longer ago than `late_after` (see `late`)."""
    refused: int
    unsealed: int
    """Told before the moment asked for and still not sealed, although it was their turn."""


def outbox(now: datetime, *, unsealed_before: datetime) -> Outbox:
    """The outbox in figures, counted by the database."""
    delivered, refused = Q(state=Message.State.DELIVERED), Q(state=Message.State.REFUSED)
    limit = now - timedelta(seconds=asoi_settings(settings.SENIM_INSTANCE).late_after)
    stuck = Q(state=Message.State.QUEUED, created_at__lt=unsealed_before, next_try_at__lt=unsealed_before)
    counts = Message.objects.filter(exercise=False).aggregate(
        delivered=Count("pk", filter=delivered),
        waiting=Count("pk", filter=~delivered),
        late=Count("pk", filter=~delivered & Q(created_at__lt=limit)),
        refused=Count("pk", filter=refused),
        unsealed=Count("pk", filter=stuck),
    )
    return Outbox(**counts)


def recipient_is_stand_in() -> bool:
    """Whether messages of this instance reach a stand-in only. Raises `NotSealable` where certificates are missing."""
    return pinned.is_stand_in(settings.SENIM_INSTANCE)


def files_go_by_themselves() -> bool:
    """Whether a carrier brings files of the electronic format to the regulator; else people do."""
    return asoi_settings(settings.SENIM_INSTANCE).electronic_format.sftp_wanted is not None


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


def witnessed_checkpoints(trust: Trust) -> Iterator[Witness | Finding]:
    """Checkpoints of the audit log that the regulator's receipts bear witness to, oldest first.

    What is stored of a message counts only as far as both signatures hold under `trust`: whoever owns the database can
    write anything beside them. Where they do not hold any more, or say something else, that is a finding.
    """
    known = Message.objects.filter(Q(state=Message.State.DELIVERED) | Q(receipt__isnull=False)).defer("sealed")
    for message in known.select_related("receipt").order_by("delivered_at", "id").iterator():
        try:
            checkpoint = _witnessed(message, trust)
        except ProofRefused as refusal:
            yield Finding(FindingCode.WITNESS_BROKEN, source=message.subject, reason=str(refusal.detail))
        else:
            if checkpoint is not None:
                yield Witness(message.subject, checkpoint)


def latest_witness(trust: Trust) -> Witness | Finding | None:
    """The checkpoint that the regulator acknowledged last; None before the first receipt. See `witnessed_checkpoints`.

    Only the newest receipt is read, however many there are; a message may carry no checkpoint.
    """
    newest = Message.objects.filter(receipt__isnull=False).defer("sealed").select_related("receipt")
    message = newest.order_by("-delivered_at", "-id").first()
    if message is None:
        return None
    try:
        checkpoint = _witnessed(message, trust)
    except ProofRefused as refusal:
        return Finding(FindingCode.WITNESS_BROKEN, source=message.subject, reason=str(refusal.detail))
    return Witness(message.subject, checkpoint) if checkpoint else None


def clock_difference() -> timedelta | None:
    """How far the regulator's clock is from ours, by its newest receipt that came over the network; None without one.

    Zero where the moment it names lies between our sending and our accepting the receipt; more where it is ahead.
    """
    receipt = _newest_receipts().first()
    if receipt is None or receipt.message.first_sent_at is None:
        return None
    ahead, behind = receipt.received_at - receipt.accepted_at, receipt.received_at - receipt.message.first_sent_at
    return max(ahead, timedelta(0)) + min(behind, timedelta(0))


def _newest_receipts() -> QuerySet[Receipt]:
    came = Receipt.objects.filter(came_by="https", message__first_sent_at__isnull=False).select_related("message")
    return came.defer("sealed", "signed", "content", *_OF_MESSAGE).order_by("-accepted_at")


def _witnessed(message: Message, trust: Trust) -> str | None:
    """The checkpoint that the regulator acknowledged inside `message`. Raises `ProofRefused`."""
    if not hasattr(message, "receipt"):
        raise ProofRefused(_("it is called delivered and has no receipt"))
    proven = verify_pair(bytes(message.signed or b""), bytes(message.receipt.signed), trust)
    stored = (str(message.pk), message.sha256, bytes(message.content or b""), bytes(message.receipt.content))
    # R228/81: non-modification. What was signed and acknowledged is the message; columns beside it must not differ.
    if stored != (proven.message["id"], proven.sha256, proven.told.content, proven.acknowledged.content):
        raise ProofRefused(_("what is stored is not what was signed"))
    checkpoint: str | None = proven.message["checkpoint"]
    return checkpoint


def to_seal() -> list[Message]:
    """Queued messages whose turn it is, oldest first; a batch of events only where nothing else waits, one at once."""
    due = Message.objects.filter(_is_their_turn(), state=Message.State.QUEUED).order_by("created_at", "id")
    batches = Q(kind=MessageKind.EVENT_BATCH.value)
    return list(due.exclude(batches)[:_SEALED_AT_ONCE]) or list(due.filter(batches)[:1])


def to_send() -> list[UUID]:
    """Sealed messages whose turn it is: none before the earlier ones about the same thing have receipts, then by time.

    A file that waits to be carried has told nobody anything, and is still tried: what follows it waits for its receipt,
    or would overtake it on another lane once the regulator answers again. Of batches of events so only one of each
    chain is ever under way, and it stands behind everything else.
    """
    due = Message.objects.filter(~Exists(_earlier().exclude(state=Message.State.DELIVERED)), state__in=_ON_THE_WAY)
    ready = due.filter(_is_their_turn()).order_by(_LARGE, "next_try_at", "id")
    return list(ready.values_list("pk", flat=True)[:_AT_ONCE])


def _is_their_turn() -> Q:
    """Never failed, or the pause is over. One longer than the longest is none: the clock was set back meanwhile."""
    now = read_clock()
    longest = timedelta(seconds=asoi_settings(settings.SENIM_INSTANCE).retry_longest)
    return Q(tries=0) | Q(next_try_at__lte=now) | Q(next_try_at__gt=now + longest)


def silent_since() -> datetime | None:
    """Since when the regulator was asked for receipts and has given none; None while nothing waits that was tried."""
    in_vain = Attempt.objects.filter(message__state__in=_ON_THE_WAY).order_by("started_at").first()
    if in_vain is None:
        return None
    newest = Receipt.objects.filter(came_by="https").order_by("-accepted_at").only("accepted_at").first()
    return max(in_vain.started_at, newest.accepted_at) if newest else in_vain.started_at


def is_silent(now: datetime) -> bool:
    """Whether the regulator has been silent for so long that messages go in electronic format as well."""
    since = silent_since()
    return since is not None and now - since >= _patience()


def to_hand_over(now: datetime) -> list[Message]:
    """Sealed messages that are to be written as files: all while the regulator is silent, else those tried in vain.

    And those that follow one that waits as a file, since they are not tried before it has its receipt. Each in its
    turn; what has no file form waits for ASOI.
    """
    sealed = Message.objects.defer("content", "signed", "told").filter(state=Message.State.SEALED, kind__in=_AS_FILES)
    found = sealed.filter(~Exists(_earlier().exclude(state__in=_PASSED_ON)))
    if not is_silent(now):
        in_vain = Attempt.objects.filter(message=OuterRef("pk"), started_at__lte=now - _patience())
        found = found.filter(Exists(in_vain) | Exists(_earlier().filter(state=Message.State.EXPORTED)))
    return list(found.order_by("created_at", "id")[:_AT_ONCE])


def as_files() -> QuerySet[Message]:
    """Messages that wait as files, with what people say of carrying them; oldest first."""
    found = messages().filter(state=Message.State.EXPORTED).prefetch_related("carriages")
    return found.order_by("exported_at", "id")


def sealed_bytes(pk: UUID) -> bytes:
    """The envelope of `pk`, empty while it has none. Raises `Message.DoesNotExist`."""
    return bytes(Message.objects.values_list("sealed", flat=True).get(pk=pk) or b"")


def carrier_fails() -> tuple[CarrierVisit, CarrierVisit] | None:
    """The first and the last of the visits in vain since a carrier came to its end; None where the last one did."""
    visits = CarrierVisit.objects.order_by("-at", "-pk")
    last = visits.first()
    if last is None or last.outcome == VisitOutcome.DONE:
        return None
    done = visits.filter(outcome=VisitOutcome.DONE).first()
    since = visits if done is None else visits.filter(pk__gt=done.pk)
    return since.earliest("at", "pk"), last


def to_carry() -> QuerySet[Message]:
    """Messages that wait as files and that nobody has carried yet, as far as anybody says; oldest first."""
    return as_files().filter(carriages=None)


def carried_in_vain(before: datetime) -> QuerySet[Message]:
    """Messages whose files were carried before a moment, not again since, and that still have no receipt."""
    again = Carriage.objects.filter(message=OuterRef("pk"), carried_at__gte=before)
    return as_files().filter(~Exists(again), carriages__isnull=False).distinct()


def _patience() -> timedelta:
    return timedelta(seconds=asoi_settings(settings.SENIM_INSTANCE).electronic_format.after)


def _earlier() -> QuerySet[Message]:
    """Of a message in a query around this one: the earlier ones about the same thing."""
    return Message.objects.filter(about=OuterRef("about"), sequence__lt=OuterRef("sequence"))


def to_stamp() -> list[UUID]:
    """Every signed message without a time-stamp, oldest first."""
    return list(_unstamped().order_by("sealed_at", "id").values_list("pk", flat=True))


def stamps_missing(sealed_before: datetime) -> int:
    """How many messages were sealed before that and have no time-stamp; exercises are not counted."""
    return _unstamped().filter(exercise=False, sealed_at__lt=sealed_before).count()


def _unstamped() -> QuerySet[Message]:
    return Message.objects.filter(sealed_at__isnull=False, stamp=None)


def unanswered() -> list[HandedIn]:
    """Files handed in that nobody has answered yet, oldest first."""
    return list(HandedIn.objects.filter(answered_at=None)[:_AT_ONCE])


def endings(before: datetime) -> list[tuple[str, datetime]]:
    """The channel's certificates that are good until a moment before `before`, as its process saw them last."""
    return list(Ending.objects.filter(ends_at__lt=before).values_list("name", "ends_at"))
