"""The outbox: what the sender does to messages. Each in one transaction with its audit row and its news.

Clauses: R228/81 (guaranteed delivery, confidentiality, non-modification).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from senim.asoi.errors import ExerciseToRealRegulator, UnknownMessage
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.receipts import Opened
from senim.asoi.models import Attempt, Message, Outcome, Receipt, TimeStamp
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Act, Actor
from senim.events.operations import News, emit, emit_all
from senim.events.vocabulary.asoi import AsoiEvent
from senim.kit import canonical
from senim.kit.clock import iso, now
from senim.kit.crypto import timestamp

WAKE_SENDER = "senim_asoi"
"""PostgreSQL channel on which the sender hears that there is something to do."""
SENDER = Actor.process("asoi")
_ON_THE_WAY = {Message.State.SEALED, Message.State.EXPORTED}
_NOT_SENT = ("content", "signed", "told")
_BYTES = (*_NOT_SENT, "sealed")
_ANSWERED = {Outcome.REFUSED, Outcome.IN_CONFLICT, Outcome.RECEIPT_REFUSED}


@dataclass(frozen=True)
class Begun:
    """A try that is on record and may be made."""

    message: Message
    attempt: Attempt


def begin_attempts(pks: Sequence[UUID], credentials: Credentials) -> list[Begun]:
    """Note that a try to deliver each of `pks` begins; those among them are left out that need none any more."""
    if not pks:
        return []
    with transaction.atomic(savepoint=False):
        waiting = [
            message
            for message in locked_all(pks, without=_NOT_SENT)
            if message.state in _ON_THE_WAY and not refused_as_exercise(message, credentials)
        ]
        attempts = Attempt.objects.bulk_create([Attempt(message=message) for message in waiting])
        return [Begun(message, attempt) for message, attempt in zip(waiting, attempts, strict=True)]


def fail_attempt(attempt: Attempt, outcome: Outcome, detail: str, *, pause: timedelta, code: str = "") -> None:
    """Note that `attempt` brought no receipt that holds; the message waits for `pause` and is tried again.

    `code` names the problem of a refused receipt.
    """
    with transaction.atomic():
        message = locked(attempt.message_id)
        _end(attempt, message, outcome, detail)
        message.tries += 1
        message.next_try_at = now() + pause
        message.save(update_fields=["tries", "next_try_at", "first_sent_at"])
        if outcome is Outcome.RECEIPT_REFUSED:
            refuse_receipt(message.subject, SENDER, code=code, detail=detail)
        elif message.tries.bit_count() == 1:
            # The first failure is news, then the second, fourth, eighth …: an outage is told, not poured out.
            facts = {**facts_of(message), "outcome": outcome.value, "tries": message.tries}
            emit(AsoiEvent.DELIVERY_FAILED, message.subject, facts)


def note_unsealable(pk: UUID, detail: str, *, pause: timedelta) -> None:
    """Note that the queued message `pk` could not be sealed; it waits for `pause`."""
    fail_attempt(Attempt.objects.create(message_id=pk), Outcome.NOT_SEALABLE, detail, pause=pause)


def refuse_in_conflict(attempt: Attempt, detail: str) -> None:
    """The regulator has other content under this identifier: no further tries; people must find out why."""
    with transaction.atomic():
        message = locked(attempt.message_id)
        _end(attempt, message, Outcome.IN_CONFLICT, detail)
        message.save(update_fields=["first_sent_at"])
        if message.state in _ON_THE_WAY:
            _refuse(message, "asoi:identifier-in-conflict")
            emit(AsoiEvent.IDENTIFIER_IN_CONFLICT, message.subject, facts_of(message))


def accept_receipt(opened: Opened, *, came_by: str, actor: Actor) -> None:
    """Store the receipt of the message it names: see `accept_receipts`."""
    accept_receipts([Acknowledged(opened)], came_by=came_by, actor=actor)


@dataclass(frozen=True)
class Acknowledged:
    """A receipt that was checked (`internal.receipts`), and the try that brought it, if one did."""

    opened: Opened
    attempt: Attempt | None = None


def accept_receipts(come: Sequence[Acknowledged], *, came_by: str, actor: Actor) -> None:
    """Store receipts of the messages that they name, in one transaction: delivered.

    A further receipt of a delivered message changes nothing. Raises `UnknownMessage`.
    """
    accepted_at = now()
    with transaction.atomic(savepoint=False):
        messages = locked_all([each.opened.says.message for each in come], without=_BYTES)
        attempts = [each.attempt.pk for each in come if each.attempt is not None]
        Attempt.objects.filter(pk__in=attempts).update(ended_at=accepted_at, outcome=Outcome.DELIVERED)
        began = Attempt.objects.filter(message=OuterRef("pk"), pk__in=attempts).values("started_at")[:1]
        first_sent_at = Coalesce("first_sent_at", Subquery(began))
        fresh, known = dict[Message, Opened](), []
        for message, each in zip(messages, come, strict=True):
            if message.state == Message.State.DELIVERED:
                known.append(message.pk)
            else:
                fresh[message] = each.opened
        if known:
            Message.objects.filter(pk__in=known).update(first_sent_at=first_sent_at)
        if not fresh:
            return
        # R228/81: guaranteed delivery. Delivered is what has a receipt; the database refuses anything else.
        Receipt.objects.bulk_create(_receipt(*each, came_by, accepted_at) for each in fresh.items())
        delivered = Message.objects.filter(pk__in=[message.pk for message in fresh])
        delivered.update(state=Message.State.DELIVERED, delivered_at=accepted_at, tries=0, first_sent_at=first_sent_at)
        told = {message.subject: {**facts_of(message), **_facts_of_receipt(each)} for message, each in fresh.items()}
        acts = [Act(subject, {**facts, "came_by": came_by}) for subject, facts in told.items()]
        audit.record_all(actor, AuditAction.ASOI_RECEIPT_ACCEPTED, acts)
        emit_all(AsoiEvent.MESSAGE_DELIVERED, [News(subject, facts) for subject, facts in told.items()])


def _receipt(message: Message, opened: Opened, came_by: str, accepted_at: datetime) -> Receipt:
    return Receipt(
        message=message,
        sealed=opened.sealed,
        signed=opened.signed,
        content=opened.content,
        received_at=opened.received_at,
        signer=opened.signer,
        accepted_at=accepted_at,
        came_by=came_by,
    )


def _facts_of_receipt(opened: Opened) -> dict[str, object]:
    return {"received_at": iso(opened.received_at), "signer": opened.signer}


def accept_stamp(pk: UUID, response: bytes, stamp: timestamp.Stamp) -> None:
    """Store the time-stamp of the message `pk`, once; the caller has checked it (`internal.authority`).

    The message itself is not touched, nor locked: stamping never holds up sending.
    """
    with transaction.atomic():
        message = Message.objects.defer("content", "signed", "sealed").get(pk=pk)
        certificate = stamp.certificate.public_bytes(Encoding.DER)
        TimeStamp.objects.create(message=message, response=response, certificate=certificate, at=stamp.at)
        facts = {**facts_of(message), "at": iso(stamp.at), "authority": canonical.sha256(certificate)}
        audit.record(SENDER, AuditAction.ASOI_STAMP_ACCEPTED, message.subject, detail=facts)


def refuse_receipt(subject: str, actor: Actor, *, code: str, detail: str) -> None:
    """Write down, in the running transaction, that a receipt was not accepted."""
    facts = {"problem": code, "detail": detail}
    audit.record(actor, AuditAction.ASOI_RECEIPT_REFUSED, subject, detail=facts)
    emit(AsoiEvent.RECEIPT_REFUSED, subject, {"problem": code})


def end_interrupted() -> int:
    """Close the tries that an ended process left open; how many there were."""
    return Attempt.objects.filter(ended_at=None).update(ended_at=now(), outcome=Outcome.INTERRUPTED)


def wake_sender() -> None:
    """Tell the sender, when the running transaction commits, that there is something to do."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE_SENDER}")


def locked(pk: UUID) -> Message:
    """The message `pk`, its row locked until the transaction ends. Raises `UnknownMessage`."""
    (message,) = locked_all([pk])
    return message


def locked_all(pks: Collection[UUID], *, without: Sequence[str] = ()) -> list[Message]:
    """The messages `pks`, in this order, their rows locked until the transaction ends, `without` columns not needed.

    Raises `UnknownMessage`.
    """
    # Always locked in one order: two that lock several never wait for each other.
    found = Message.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    known = {message.pk: message for message in found.defer(*without)}
    try:
        return [known[pk] for pk in pks]
    except KeyError as missing:
        raise UnknownMessage(str(missing.args[0])) from None


def refused_as_exercise(message: Message, credentials: Credentials) -> bool:
    """Whether `message` is an exercise that would reach a real regulator; it is refused then."""
    # R228/81-1: asked again with the certificates in use, for they may have been replaced since the message was queued.
    if not message.exercise or credentials.recipient_is_stand_in:
        return False
    _refuse(message, ExerciseToRealRegulator.code)
    return True


def _refuse(message: Message, code: str) -> None:
    message.state, message.refusal = Message.State.REFUSED, code
    message.save(update_fields=["state", "refusal"])
    facts = {**facts_of(message), "problem": code}
    audit.record(SENDER, AuditAction.ASOI_MESSAGE_REFUSED, message.subject, detail=facts)
    emit(AsoiEvent.MESSAGE_REFUSED, message.subject, facts)


def _end(attempt: Attempt, message: Message, outcome: Outcome, detail: str) -> None:
    attempt.ended_at, attempt.outcome, attempt.detail = now(), outcome, detail[:200]
    attempt.save(update_fields=["ended_at", "outcome", "detail"])
    if outcome in _ANSWERED:
        message.first_sent_at = message.first_sent_at or attempt.started_at


def facts_of(message: Message) -> dict[str, object]:
    """What audit rows and news say of a message: never its content."""
    return {
        "kind": message.kind,
        "about": message.about,
        "sequence": message.sequence,
        "exercise": message.exercise,
        "sha256": message.sha256,
    }
