"""Checking a proof without the house: neither database nor network is asked, only two certificates are believed.

Clauses: R228/81 (non-modification).
"""

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext as _

from senim.asoi import proof
from senim.asoi.errors import ProofRefused
from senim.asoi.internal.content import checkpoint_of, read_receipt
from senim.asoi.internal.receipts import ACCEPTED
from senim.kit import canonical
from senim.kit.clock import from_iso
from senim.kit.crypto import cms

_LARGEST = 16 * 1024 * 1024
_KNOWN = {
    *(proof.MESSAGE, proof.MESSAGE_SIGNED, proof.MESSAGE_SEALED),
    *(proof.RECEIPT, proof.RECEIPT_SIGNED, proof.RECEIPT_SEALED),
    *(proof.BUREAU, proof.REGULATOR, proof.SUMS, *proof.READMES),
}


@dataclass(frozen=True)
class Trust:
    """The two certificates that a proof is held against: from a source of one's own, never from the bundle."""

    bureau: x509.Certificate
    regulator: x509.Certificate


@dataclass(frozen=True)
class Proven:
    """What is certain once a proof holds."""

    message: dict[str, Any]
    sha256: str
    signed_at: datetime
    received_at: datetime
    receipt_signed_at: datetime
    bureau: str
    regulator: str
    """SHA-256 of the certificates believed."""


def verify_pair(message: bytes, receipt: bytes, trust: Trust) -> Proven:
    """What two SignedData files prove: the bureau's message and the regulator's receipt for exactly that.

    Raises `ProofRefused` naming what does not hold.
    """
    told = _verified(message, trust.bureau, _("the message"))
    acknowledged = _verified(receipt, trust.regulator, _("the receipt"))
    try:
        says = read_receipt(acknowledged.content)
        content = canonical.loads(told.content)
        received_at = from_iso(says.received_at)
    except ValueError as error:
        raise ProofRefused(_("message or receipt does not read as one: %s") % error) from error
    sha256 = canonical.sha256(told.content)
    # R228/81: the receipt must be for exactly the bytes that the bureau signed.
    if not isinstance(content, dict) or content.get("id") != str(says.message):
        raise ProofRefused(_("the receipt names another message"))
    if says.sha256 != sha256 or says.status != ACCEPTED:
        raise ProofRefused(_("the receipt names other content, or does not say «accepted»"))
    return Proven(
        content,
        sha256,
        told.signed_at,
        received_at,
        acknowledged.signed_at,
        trust.bureau.fingerprint(hashes.SHA256()).hex(),
        trust.regulator.fingerprint(hashes.SHA256()).hex(),
    )


def verify_bundle(bundle: bytes, trust: Trust) -> Proven:
    """What a proof bundle proves: the pair inside, and that everything else in it agrees. Raises `ProofRefused`."""
    files = unpack(bundle)
    proven = verify_pair(files[proof.MESSAGE_SIGNED], files[proof.RECEIPT_SIGNED], trust)
    told = cms.verify(files[proof.MESSAGE_SIGNED], trusted=trust.bureau).content
    acknowledged = cms.verify(files[proof.RECEIPT_SIGNED], trusted=trust.regulator).content
    checkpoint = checkpoint_of(told)
    agreed = {
        proof.MESSAGE: told,
        proof.RECEIPT: acknowledged,
        proof.CHECKPOINT: None if checkpoint is None else checkpoint.encode(),
    }
    for name, data in agreed.items():
        if files.get(name) != data:
            raise ProofRefused(_("%s is not what was signed") % name)
    for name, certificate in ((proof.BUREAU, trust.bureau), (proof.REGULATOR, trust.regulator)):
        if _certificate(files[name]) != certificate:
            raise ProofRefused(_("%s is not the certificate believed") % name)
    return proven


def unpack(bundle: bytes) -> dict[str, bytes]:
    """The files of a proof bundle, each with its sum right. Raises `ProofRefused`."""
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            listed = archive.infolist()
            names = {entry.filename for entry in listed}
            if len(names) != len(listed) or names - {proof.CHECKPOINT} != _KNOWN:
                raise ProofRefused(_("the bundle lacks files, or holds others"))
            if sum(entry.file_size for entry in listed) > _LARGEST:
                raise ProofRefused(_("too large for a proof bundle"))
            files = {entry.filename: archive.read(entry) for entry in listed}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise ProofRefused(_("this is not a proof bundle: %s") % error) from error
    sums = "".join(f"{canonical.sha256(data)}  {name}\n" for name, data in sorted(files.items()) if name != proof.SUMS)
    if files[proof.SUMS] != sums.encode():
        raise ProofRefused(_("%s does not agree with the files") % proof.SUMS)
    return files


def is_bundle(data: bytes) -> bool:
    """Whether `data` looks like a zip."""
    return data.startswith(b"PK")


def _verified(der: bytes, trusted: x509.Certificate, what: str) -> cms.Signed:
    try:
        return cms.verify(der, trusted=trusted)
    except cms.SealRefused as refusal:
        raise ProofRefused(f"{what}: {refusal}") from refusal


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise ProofRefused(_("a certificate in the bundle does not read as one")) from error
