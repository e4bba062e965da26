"""What is signed: the content of messages and of receipts, as bytes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec

from senim.asoi.kinds import MessageKind
from senim.kit import canonical
from senim.kit.bureau import Bureau
from senim.kit.clock import iso

if TYPE_CHECKING:  # proofs are read where there is no database, and models need one
    from senim.asoi.models import Message

VERSION = 1
ACCEPTED = "accepted"
"""The status of a receipt that makes a message delivered."""
SKEW = timedelta(minutes=5)
"""How far the regulator's clock may be from ours; our choice."""


def compose(message: "Message", *, sender: Bureau, recipient: str, checkpoint: str | None) -> bytes:
    """The content of `message`: canonical JSON that names sender, recipient, purpose and the message itself.

    `checkpoint` is the audit log's latest signed note: with the receipt the regulator witnesses it.
    """
    kind = MessageKind(message.kind)
    return canonical.dumps(
        {
            "version": VERSION,
            "id": str(message.id),
            "kind": kind.value,
            "purpose": kind.purpose,
            "sender": {"bin": sender.bin, "name": sender.name.kk},
            "recipient": recipient,
            "sequence": message.sequence,
            "about": message.about,
            "corrects": str(message.corrects_id) if message.corrects_id else None,
            "exercise": message.exercise,
            "made_at": iso(message.created_at),
            "checkpoint": checkpoint,
            "body": message.body,
        }
    )


class _Needed(msgspec.Struct, frozen=True):
    """What of a message's content a proof is read by."""

    id: str
    checkpoint: str | None


def read_message(content: bytes) -> dict[str, Any]:
    """The message that `content` says. Raises `ValueError` where it is none, or not in canonical form."""
    said: dict[str, Any] = canonical.loads(content)
    msgspec.convert(said, _Needed)
    return said


def checkpoint_of(content: bytes) -> str | None:
    """The audit checkpoint that a message's signed content carries. Raises what `read_message` raises."""
    checkpoint: str | None = read_message(content)["checkpoint"]
    return checkpoint


class ReceiptContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the regulator says in a receipt."""

    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)]
    message: UUID
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    received_at: str
    status: str


def read_receipt(content: bytes) -> ReceiptContent:
    """The receipt that `content` says. Raises `ValueError` where it says none, or not in canonical form."""
    return msgspec.convert(canonical.loads(content), ReceiptContent)


def lies_between(moment: datetime, first: datetime, last: datetime) -> bool:
    """Whether `moment` can be true where it lies between `first` and `last`, `SKEW` granted to either side."""
    return first - moment <= SKEW and moment - last <= SKEW
