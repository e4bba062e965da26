"""The receipt: what was received, when, and that it was accepted; signed, then sealed to the bureau."""

import datetime
from uuid import UUID

from stand_ins.asoi import canonical, clock
from stand_ins.asoi.cms.envelope import seal_envelope
from stand_ins.asoi.cms.signature import sign
from stand_ins.asoi.credentials import Credentials, Signer


def content(message: UUID, sha256: str, received_at: datetime.datetime) -> bytes:
    """The canonical JSON of a receipt."""
    said = {
        "version": 1,
        "message": str(message),
        "sha256": sha256,
        "received_at": clock.iso(received_at),
        "status": "accepted",
    }
    return canonical.dumps(said)


def of_another_form(message: UUID, sha256: str, received_at: datetime.datetime) -> bytes:
    """A receipt as it may look after a change that nobody told the bureau of: the same, said in other words."""
    moment = clock.iso(received_at)
    return canonical.dumps({"version": 2, "message": {"id": str(message), "digest": sha256}, "accepted_at": moment})


def sealed(said: bytes, ours: Credentials, signer: Signer, at: datetime.datetime | None = None) -> bytes:
    """`said` signed by `signer` and sealed to the bureau, DER; `at` is what a wrong clock says."""
    return seal_envelope(sign(said, signer, at), ours.bureau_receipts)
