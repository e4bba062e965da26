"""What others ask of the regulator channel. Each in one transaction with its audit row.

Clauses: R228/81 (guaranteed delivery, or the electronic format), R228/81-1 (incidents, immediately),
R228/81-2 (events into ASOI and no other way).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from senim.asoi import pinned, queries
from senim.asoi.errors import CarriageRefused, ExerciseToRealRegulator, NoFileForm, NotSealed, UnsendableBody
from senim.asoi.internal.outbox import facts_of, locked, wake_sender
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Carriage, HandedIn, Message
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.events.operations import emit
from senim.events.vocabulary.asoi import AsoiEvent
from senim.kit import canonical
from senim.kit.clock import now

LONGEST_WAY = 255


def enqueue(
    kind: MessageKind,
    body: Mapping[str, object],
    *,
    about: str,
    sequence: int,
    corrects: UUID | None = None,
    exercise: bool = False,
    actor: Actor,
) -> Message:
    """Put a message into the outbox, in the transaction that makes what it tells of: both commit or neither.

    Raises `TransactionManagementError` outside a transaction, `UnsendableBody`, `ExerciseToRealRegulator`, and
    `IntegrityError` where `about` has a message of that `sequence` already.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a message belongs inside the transaction that it tells of")
    # R228/81-1: what the regulator is told is real. An exercise is marked, and only a stand-in ever gets it.
    if exercise and not pinned.is_stand_in(settings.SENIM_INSTANCE):
        raise ExerciseToRealRegulator
    message = Message.objects.create(
        kind=kind.value,
        told=_told(body),
        about=about,
        sequence=sequence,
        corrects_id=corrects,
        exercise=exercise,
    )
    audit.record(actor, AuditAction.ASOI_MESSAGE_QUEUED, message.subject, detail=facts_of(message))
    wake_sender()
    return message


def _told(body: Mapping[str, object]) -> str:
    try:
        written = canonical.dumps(dict(body))
        canonical.loads(written)
    except ValueError as error:
        raise UnsendableBody(str(error)) from error
    return written.decode()


def export(pk: UUID, *, actor: Actor) -> bytes:
    """The sealed bytes of `pk` for the electronic format: the very same that are sent. Exported is not delivered.

    Clauses: R228/81 (or in electronic format). Raises `UnknownMessage`, `NoFileForm`, `NotSealed`.
    """
    with transaction.atomic():
        message = locked(pk)
        if not MessageKind(message.kind).has_file_form:
            raise NoFileForm(str(pk))
        if message.sealed is None:
            raise NotSealed(str(pk))
        message.exported_at = message.exported_at or now()
        if message.state == Message.State.SEALED:
            message.state = Message.State.EXPORTED
            emit(AsoiEvent.MESSAGE_EXPORTED, message.subject, facts_of(message))
        message.save(update_fields=["exported_at", "state"])
        audit.record(actor, AuditAction.ASOI_MESSAGE_EXPORTED, message.subject, detail=facts_of(message))
        wake_sender()
        return bytes(message.sealed)


@transaction.atomic
def take_file(pk: UUID, *, actor: Actor) -> bytes:
    """The sealed bytes of `pk`, which waits as a file, for whoever carries it; the audit log remembers who took it.

    Raises `UnknownMessage`, `NotSealed` where it does not wait as a file.
    """
    message = queries.message(pk)
    if message.state != Message.State.EXPORTED:
        raise NotSealed(str(pk))
    audit.record(actor, AuditAction.ASOI_FILE_TAKEN, message.subject, detail=facts_of(message))
    return bytes(message.sealed or b"")


@transaction.atomic
def note_carried(pk: UUID, *, carried_at: datetime, way: str, actor: Actor) -> Carriage:
    """Write down that the file of `pk` was carried to the regulator at `carried_at`. It delivers nothing.

    It is carried from the minute on in which it was written, since people write minutes, and not later than now.
    Raises `UnknownMessage`, `CarriageRefused`.
    """
    message = queries.message(pk)
    way = way.strip()
    if message.state != Message.State.EXPORTED or not 0 < len(way) <= LONGEST_WAY:
        raise CarriageRefused
    written_at = message.exported_at
    if written_at is None or not written_at.replace(second=0, microsecond=0) <= carried_at <= now():
        raise CarriageRefused
    carriage = Carriage.objects.create(message=message, carried_at=carried_at, way=way, by=actor.name)
    audit.record(actor, AuditAction.ASOI_MESSAGE_CARRIED, message.subject, detail={**facts_of(message), "way": way})
    return carriage


@transaction.atomic
def export_proof(pk: UUID, *, actor: Actor) -> bytes:
    """The proof bundle of `pk`, handed out to `actor`, which the audit log remembers.

    Raises `UnknownMessage`, `NotDelivered`, `ProofRefused`.
    """
    message = queries.message(pk)
    bundle = queries.proof_bundle(message)
    audit.record(actor, AuditAction.ASOI_PROOF_EXPORTED, message.subject, detail=facts_of(message))
    return bundle


def hand_in(wish: HandedIn.Wish, data: bytes, *, actor: Actor) -> HandedIn:
    """Hand a file to the process that holds the receipt key; its answer comes into the row."""
    with transaction.atomic():
        handed = HandedIn.objects.create(
            wish=wish, data=data, actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name
        )
        wake_sender()
    return handed
