"""Checking a proof without the house: neither database nor network is asked, only two certificates are believed.

Clauses: R228/81 (non-modification).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext as _

from senim.asoi import bundle, pinned
from senim.asoi.errors import ProofRefused, reason
from senim.asoi.internal.content import ACCEPTED, checkpoint_of, read_receipt
from senim.asoi.internal.credentials import MESSAGE_SIGNING, own_certificate
from senim.kit import canonical
from senim.kit.clock import from_iso, iso
from senim.kit.crypto import cms
from senim.kit.instance import Instance


@dataclass(frozen=True)
class Trust:
    """The two certificates that a proof is held against: from a source of one's own, never from the bundle."""

    bureau: x509.Certificate
    regulator: x509.Certificate

    @classmethod
    def of(cls, instance: Instance) -> "Trust":
        """The certificates that `instance` signs with and has pinned. Raises `NotSealable` where one is missing."""
        return cls(own_certificate(instance, MESSAGE_SIGNING), pinned.certificate(instance, pinned.SIGNING))


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


def verify_bundle(data: bytes, trust: Trust) -> Proven:
    """What a proof bundle proves: the pair inside, and that everything else in it agrees. Raises `ProofRefused`."""
    files = bundle.unpack(data)
    proven = verify_pair(files[bundle.MESSAGE_SIGNED], files[bundle.RECEIPT_SIGNED], trust)
    told = cms.verify(files[bundle.MESSAGE_SIGNED], trusted=trust.bureau).content
    acknowledged = cms.verify(files[bundle.RECEIPT_SIGNED], trusted=trust.regulator).content
    checkpoint = checkpoint_of(told)
    agreed = {
        bundle.MESSAGE: told,
        bundle.RECEIPT: acknowledged,
        bundle.CHECKPOINT: None if checkpoint is None else checkpoint.encode(),
    }
    for name, signed in agreed.items():
        if files.get(name) != signed:
            raise ProofRefused(_("%s is not what was signed") % name)
    for name, certificate in ((bundle.BUREAU, trust.bureau), (bundle.REGULATOR, trust.regulator)):
        if _certificate(files[name]) != certificate:
            raise ProofRefused(_("%s is not the certificate believed") % name)
    return proven


def read_signed(der: bytes, trust: Trust) -> dict[str, Any]:
    """What a message or a receipt says, and who signed it when. Raises `ProofRefused`."""
    signer, certificate = ("regulator", trust.regulator) if is_receipt(der, trust) else ("bureau", trust.bureau)
    signed = _verified(der, certificate, _("the file"))
    return {"signer": signer, "signed_at": iso(signed.signed_at), "content": canonical.loads(signed.content)}


def is_receipt(der: bytes, trust: Trust) -> bool:
    """Whether the regulator claims to have signed `der`; `verify_pair` holds the claim to the bundle.

    Raises `ProofRefused` where it is not a signed file.
    """
    try:
        return cms.enclosed_certificate(der) == trust.regulator
    except cms.NotSignedData as refusal:
        raise ProofRefused(str(reason(refusal))) from refusal


def _verified(der: bytes, trusted: x509.Certificate, what: str) -> cms.Signed:
    try:
        return cms.verify(der, trusted=trusted)
    except cms.SealRefused as refusal:
        raise ProofRefused(f"{what}: {reason(refusal)}") from refusal


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise ProofRefused(_("a certificate in the bundle does not read as one")) from error
