"""Receipts: opened, verified, held against the outbox row.

The detail of a refusal is a word that needs no language: what was wrong, or which field says something else.

Clauses: R228/81 (guaranteed delivery: what has no receipt that holds is not delivered).
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes

from senim.asoi.errors import (
    ReceiptForAnother,
    ReceiptNotAsAgreed,
    ReceiptOfStranger,
    ReceiptOutOfTime,
    ReceiptUnreadable,
)
from senim.asoi.internal.content import ACCEPTED, ReceiptContent, lies_between, read_receipt
from senim.asoi.internal.credentials import Credentials
from senim.asoi.models import Message
from senim.kit.clock import from_iso
from senim.kit.crypto import cms

LARGEST = 64 * 1024
"""Bytes; a receipt has about three thousand."""


@dataclass(frozen=True)
class Opened:
    """A receipt whose signature holds."""

    sealed: bytes
    signed: bytes
    content: bytes
    says: ReceiptContent
    received_at: datetime
    signed_at: datetime
    """Both by the regulator's word: `require_receipt_for` holds them to what can be true."""
    signer: str


def open_receipt(sealed: bytes, credentials: Credentials) -> Opened:
    """The receipt inside `sealed`, once it is certain that the regulator signed it under a pinned certificate.

    That certificate was valid when it signed, by its own word: a receipt may come as a file long afterwards.

    Raises `ReceiptUnreadable`, `ReceiptOfStranger`, `ReceiptNotAsAgreed`.
    """
    if len(sealed) > LARGEST:
        raise ReceiptUnreadable("size")
    try:
        signed = cms.decrypt(sealed, credentials.receipt_key, credentials.receipt)
    except cms.CannotOpen:
        raise ReceiptUnreadable from None
    try:
        verified = cms.verify(signed, trusted=credentials.regulator_signing)
    except cms.NotSignedData:
        raise ReceiptUnreadable from None
    except cms.SealRefused as refusal:
        # R228/81: non-modification. Only a pinned certificate of the regulator can say "received".
        raise ReceiptOfStranger(type(refusal).__name__) from refusal
    try:
        says = read_receipt(verified.content)
        received_at = from_iso(says.received_at)
    except (ValueError, OverflowError):
        # The regulator's own word in a form that we do not know: named apart from what anybody may send as garbage.
        raise ReceiptNotAsAgreed from None
    signer = verified.certificate.fingerprint(hashes.SHA256()).hex()
    return Opened(sealed, signed, verified.content, says, received_at, verified.signed_at, signer)


def require_receipt_for(message: Message, opened: Opened, *, now: datetime) -> None:
    """Be silent where `opened` says that exactly this message was accepted, at a time that can be true at `now`.

    Raises `ReceiptForAnother`, `ReceiptOutOfTime`.
    """
    # R228/81: guaranteed delivery. The receipt must name this message and the SHA-256 of exactly what was signed.
    if opened.says.message != message.id:
        raise ReceiptForAnother("message")
    if message.sealed_at is None or opened.says.sha256 != message.sha256:
        raise ReceiptForAnother("sha256")
    if opened.says.status != ACCEPTED:
        raise ReceiptForAnother("status")
    # R228/81: guaranteed delivery. Nothing is received before it was sealed, nor acknowledged before it was received or
    # after today: without these bounds whoever has an expired certificate's key could sign under it for ever.
    if not lies_between(opened.signed_at, message.sealed_at, now):
        raise ReceiptOutOfTime("signing time")
    if not lies_between(opened.received_at, message.sealed_at, opened.signed_at):
        raise ReceiptOutOfTime("received_at")
