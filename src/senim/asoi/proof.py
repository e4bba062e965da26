"""The proof bundle: what shows to anybody, without us, that the regulator received exactly this message.

Clauses: R228/81 (guaranteed delivery, non-modification).

A zip with the signed content in the clear, both signatures, both envelopes, the certificates, the checkpoint of the
audit log that the message carried, and how to check it all with `openssl` and `sha256sum` alone.
"""

import io
import zipfile
from datetime import UTC
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from senim.asoi.errors import NotDelivered
from senim.asoi.internal.content import checkpoint_of
from senim.asoi.models import Message, Receipt
from senim.kit import canonical
from senim.kit.crypto import cms

MESSAGE, MESSAGE_SIGNED, MESSAGE_SEALED = "message.json", "message.p7s", "message.p7m"
RECEIPT, RECEIPT_SIGNED, RECEIPT_SEALED = "receipt.json", "receipt.p7s", "receipt.p7m"
BUREAU, REGULATOR = "certificates/bureau.crt", "certificates/regulator.crt"
CHECKPOINT, SUMS = "checkpoint.txt", "SHA256SUMS"
READMES = ("README.kk.txt", "README.ru.txt", "README.en.txt")
_TEXTS = Path(__file__).parent / "readme"


def proof_bundle(message: Message) -> bytes:
    """The zip for `message`: the same bytes whenever it is asked for. Raises `NotDelivered` without a receipt."""
    # R228/81: what has no receipt is not delivered, and there is nothing to prove.
    if message.state != Message.State.DELIVERED:
        raise NotDelivered(_("its state is «%(state)s»") % {"state": message.state})
    receipt = message.receipt
    files = {**_evidence(message, receipt), **{name: (_TEXTS / name).read_bytes() for name in READMES}}
    files[SUMS] = "".join(f"{canonical.sha256(data)}  {name}\n" for name, data in sorted(files.items())).encode()
    moment = receipt.accepted_at.astimezone(UTC).timetuple()[:6]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in sorted(files.items()):
            bundle.writestr(zipfile.ZipInfo(name, moment), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _evidence(message: Message, receipt: Receipt) -> dict[str, bytes]:
    content, signed = bytes(message.content or b""), bytes(message.signed or b"")
    files = {
        MESSAGE: content,
        MESSAGE_SIGNED: signed,
        MESSAGE_SEALED: bytes(message.sealed or b""),
        RECEIPT: bytes(receipt.content),
        RECEIPT_SIGNED: bytes(receipt.signed),
        RECEIPT_SEALED: bytes(receipt.sealed),
        BUREAU: cms.enclosed_certificate(signed).public_bytes(Encoding.PEM),
        REGULATOR: cms.enclosed_certificate(bytes(receipt.signed)).public_bytes(Encoding.PEM),
    }
    checkpoint = checkpoint_of(content)
    if checkpoint is not None:
        files[CHECKPOINT] = checkpoint.encode()
    return files
