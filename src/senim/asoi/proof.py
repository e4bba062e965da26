"""The proof bundle: what shows to anybody, without us, that the regulator received exactly this message.

Clauses: R228/81 (guaranteed delivery, non-modification).

A zip with the signed content in the clear, both signatures, both envelopes, the certificates, the checkpoint of the
audit log that the message carried, the time-stamp over the signed message where there is one, and how to check it all
with `openssl` and `sha256sum` alone.
"""

from datetime import UTC
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from senim.asoi import bundle
from senim.asoi.errors import NotDelivered, ProofRefused, reason
from senim.asoi.internal.content import checkpoint_of
from senim.asoi.models import Message, Receipt
from senim.kit.crypto import cms

_TEXTS = Path(__file__).parent / "readme"


def proof_bundle(message: Message) -> bytes:
    """The zip for `message`: the same bytes whenever it is asked for, once its time-stamp is there.

    Raises `NotDelivered` without a receipt, `ProofRefused` where what is stored can prove nothing any more.
    """
    # R228/81: what has no receipt is not delivered, and there is nothing to prove.
    if message.state != Message.State.DELIVERED:
        raise NotDelivered(_("its state is «%(state)s»") % {"state": message.state})
    receipt = message.receipt
    try:
        evidence = _evidence(message, receipt)
    except cms.SealRefused as refusal:
        raise ProofRefused(str(reason(refusal))) from refusal
    except ValueError as error:
        raise ProofRefused(_("message or receipt does not read as one: %s") % error) from error
    files = {**evidence, **_readmes(stamped=bundle.STAMP in evidence)}
    return bundle.pack(files, receipt.accepted_at.astimezone(UTC).timetuple()[:6])


def _readmes(*, stamped: bool) -> dict[str, bytes]:
    """How to check what is here, in each language; where there is a time-stamp, how to check that too."""
    parts = ("README", "time-stamp") if stamped else ("README",)
    return {
        name: b"\n".join((_TEXTS / name.replace("README", part)).read_bytes() for part in parts)
        for name in bundle.READMES
    }


def _evidence(message: Message, receipt: Receipt) -> dict[str, bytes]:
    content, signed = bytes(message.content or b""), bytes(message.signed or b"")
    files = {
        bundle.MESSAGE: content,
        bundle.MESSAGE_SIGNED: signed,
        bundle.MESSAGE_SEALED: bytes(message.sealed or b""),
        bundle.RECEIPT: bytes(receipt.content),
        bundle.RECEIPT_SIGNED: bytes(receipt.signed),
        bundle.RECEIPT_SEALED: bytes(receipt.sealed),
        bundle.BUREAU: cms.enclosed_certificate(signed).public_bytes(Encoding.PEM),
        bundle.REGULATOR: cms.enclosed_certificate(bytes(receipt.signed)).public_bytes(Encoding.PEM),
    }
    if hasattr(message, "stamp"):
        authority = x509.load_der_x509_certificate(bytes(message.stamp.certificate))
        files[bundle.STAMP] = bytes(message.stamp.response)
        files[bundle.AUTHORITY] = authority.public_bytes(Encoding.PEM)
    checkpoint = checkpoint_of(content)
    if checkpoint is not None:
        files[bundle.CHECKPOINT] = checkpoint.encode()
    return files
