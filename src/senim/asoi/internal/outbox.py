"""The outbox: what the sender does to messages. Each in one transaction with its audit row and its news.

Clauses: R228/81 (guaranteed delivery, confidentiality, non-modification).
"""

from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction

from senim.asoi.errors import ExerciseToRealRegulator, UnknownMessage
from senim.asoi.internal.content import compose
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.receipts import Opened
from senim.asoi.models import Attempt, Message, Outcome, Receipt, TimeStamp
from senim.asoi.pinned import present
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.events.operations import emit
from senim.events.vocabulary.asoi import AsoiEvent
from senim.kit import canonical
from senim.kit.bureau import Bureau
from senim.kit.clock import iso, now
from senim.kit.crypto import cms, timestamp

WAKE_SENDER = "senim_asoi"
"""PostgreSQL channel on which the sender hears that there is something to do."""
SENDER = Actor.process("asoi")
_ANSWERED = {Outcome.DELIVERED, Outcome.REFUSED, Outcome.IN_CONFLICT, Outcome.RECEIPT_REFUSED}


def seal(pk: UUID, credentials: Credentials, *, sender: Bureau, recipient: str, checkpoint: str | None) -> bool:
    """Sign and encrypt the queued message `pk`, once: every later try and export uses these bytes.

    False where it was not: what is no longer queued is left as it is; an exercise for a real regulator becomes refused.
    Raises `cms.CertificateNotGood` where a certificate of ours or the regulator's does not allow it, `TokenRefused`
    where the key is on a token that does not sign.
    """
    with transaction.atomic():
        message = locked(pk)
        if message.state != Message.State.QUEUED or _refused_as_exercise(message, credentials):
            return False
        sealed_at = now()
        signing, theirs = (
            present(whose, sealed_at) for whose in (credentials.signing, credentials.regulator_encryption)
        )
        cms.require_good(signing, sealed_at, for_use="signing")
        cms.require_good(theirs, sealed_at, for_use="encryption")
        message.content = compose(message, sender=sender, recipient=recipient, checkpoint=checkpoint)
        message.signed = cms.sign(message.content, credentials.signing_key, signing)
        # R228/81: non-modification (the bureau's signature is inside), confidentiality (only the regulator opens it).
        message.sealed = cms.encrypt(message.signed, theirs)
        message.sha256 = canonical.sha256(message.content)
        message.sealed_at = sealed_at
        message.state = Message.State.SEALED
        message.tries = 0
        message.save(
            update_fields=["content", "signed", "sealed", "sha256", "sealed_at", "state", "tries"],
        )
        audit.record(SENDER, AuditAction.ASOI_MESSAGE_SEALED, message.subject, detail=facts_of(message))
        return True


def begin_attempt(pk: UUID, credentials: Credentials) -> tuple[Message, Attempt] | None:
    """Note that a try to deliver `pk` begins; None where there is nothing to deliver any more."""
    with transaction.atomic():
        message = locked(pk)
        waiting = message.state in {Message.State.SEALED, Message.State.EXPORTED}
        if not waiting or _refused_as_exercise(message, credentials):
            return None
        return message, Attempt.objects.create(message=message)


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
        if message.state in {Message.State.SEALED, Message.State.EXPORTED}:
            _refuse(message, "asoi:identifier-in-conflict")
            emit(AsoiEvent.IDENTIFIER_IN_CONFLICT, message.subject, facts_of(message))


def accept_receipt(opened: Opened, *, came_by: str, actor: Actor, attempt: Attempt | None = None) -> None:
    """Store the receipt of the message it names: delivered. A further receipt of a delivered message changes nothing.

    The caller has checked the receipt (`internal.receipts`).
    """
    with transaction.atomic():
        message = locked(opened.says.message)
        if attempt is not None:
            _end(attempt, message, Outcome.DELIVERED, "")
            message.save(update_fields=["first_sent_at"])
        if message.state == Message.State.DELIVERED:
            return
        receipt = Receipt.objects.create(
            message=message,
            sealed=opened.sealed,
            signed=opened.signed,
            content=opened.content,
            received_at=opened.received_at,
            signer=opened.signer,
            came_by=came_by,
        )
        # R228/81: guaranteed delivery. Delivered is what has a receipt; the database refuses anything else.
        message.state = Message.State.DELIVERED
        message.delivered_at, message.tries = receipt.accepted_at, 0
        message.save(update_fields=["state", "delivered_at", "tries"])
        facts = {**facts_of(message), "received_at": iso(opened.received_at), "signer": opened.signer}
        audit.record(actor, AuditAction.ASOI_RECEIPT_ACCEPTED, message.subject, detail={**facts, "came_by": came_by})
        emit(AsoiEvent.MESSAGE_DELIVERED, message.subject, facts)
        wake_sender()


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
    try:
        return Message.objects.select_for_update().get(pk=pk)
    except Message.DoesNotExist:
        raise UnknownMessage(str(pk)) from None


def _refused_as_exercise(message: Message, credentials: Credentials) -> bool:
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
