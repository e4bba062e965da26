"""What is signed: the content of messages and of receipts, as bytes."""

from typing import TYPE_CHECKING, Annotated
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


def checkpoint_of(content: bytes) -> str | None:
    """The audit checkpoint that a message's signed content carries."""
    checkpoint: str | None = canonical.loads(content)["checkpoint"]
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
    try:
        return msgspec.convert(canonical.loads(content), ReceiptContent)
    except RecursionError:
        raise ValueError("nested too deeply for a receipt") from None
