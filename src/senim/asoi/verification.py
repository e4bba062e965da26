"""Checking a proof without the house: neither database nor network is asked, only certificates are believed.

Clauses: R228/81 (non-modification).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext as _

from senim.asoi import bundle, pinned
from senim.asoi.errors import ProofRefused, reason, reason_of_stamp
from senim.asoi.internal.content import ACCEPTED, SKEW, lies_between, read_message, read_receipt
from senim.asoi.internal.credentials import MESSAGE_SIGNING, own_certificates
from senim.asoi.pinned import Certificates
from senim.kit import canonical
from senim.kit.clock import from_iso, iso
from senim.kit.crypto import cms, timestamp
from senim.kit.instance import Instance
from senim.kit.steps import Steps


@dataclass(frozen=True)
class Trust:
    """The certificates that a proof is held against: from a source of one's own, never from the bundle."""

    bureau: Certificates
    regulator: Certificates
    authority: Certificates = ()
    """Of time-stamps; none: there is nobody whose word on a time is believed, and stamps are not checked."""

    @classmethod
    def of(cls, instance: Instance) -> "Trust":
        """The certificates that `instance` signs with and has pinned. Raises `NotSealable` where one is missing."""
        own, theirs = own_certificates(instance, MESSAGE_SIGNING), pinned.certificates(instance, pinned.SIGNING)
        has_authority = instance.trust(pinned.TSA).exists()
        return cls(own, theirs, pinned.certificates(instance, pinned.TSA) if has_authority else ())

    @classmethod
    def given(cls, bureau: Path | None, regulator: Path | None, authority: Path | None) -> "Trust":
        """The certificates in these files; those of this machine's instance where no file is named.

        Raises `NotSealable` where one is missing.
        """
        named = [pinned.read(path) if path else None for path in (bureau, regulator, authority)]
        if named[0] is not None and named[1] is not None:
            return cls(named[0], named[1], named[2] or ())
        own = cls.of(Instance.load())
        return cls(named[0] or own.bureau, named[1] or own.regulator, named[2] or own.authority)


class NoStamp(StrEnum):
    """Why nothing is said of a time-stamp."""

    ABSENT = "absent"
    NOT_CHECKED = "not-checked"
    """There is one, and no certificate of an authority to hold it against."""


@dataclass(frozen=True)
class Proven:
    """What is certain once a proof holds."""

    told: cms.Signed
    """What the bureau signed, when, and under which of its certificates."""
    acknowledged: cms.Signed
    """What the regulator signed of it."""
    message: dict[str, Any]
    received_at: datetime
    stamp: timestamp.Stamp | NoStamp = NoStamp.ABSENT
    """By when the bureau had signed, by a third party's word."""

    @property
    def sha256(self) -> str:
        """Of the message's signed content."""
        return canonical.sha256(self.told.content)

    @property
    def bureau(self) -> str:
        """SHA-256 of the bureau's certificate that was believed."""
        return self.told.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def regulator(self) -> str:
        """SHA-256 of the regulator's certificate that was believed."""
        return self.acknowledged.certificate.fingerprint(hashes.SHA256()).hex()


def verify_pair(message: bytes, receipt: bytes, trust: Trust) -> Proven:
    """What two SignedData files prove: the bureau's message and the regulator's receipt for exactly that.

    Raises `ProofRefused` naming what does not hold.
    """
    told = _verified(message, trust.bureau, _("the message"))
    acknowledged = _verified(receipt, trust.regulator, _("the receipt"))
    return _receipted(told, acknowledged)


def _receipted(told: cms.Signed, acknowledged: cms.Signed) -> Proven:
    """What the two together prove. Raises `ProofRefused`."""
    try:
        says = read_receipt(acknowledged.content)
        content = read_message(told.content)
        received_at = from_iso(says.received_at)
    except (ValueError, OverflowError) as error:
        raise ProofRefused(_("message or receipt does not read as one: %s") % error) from error
    proven = Proven(told, acknowledged, content, received_at)
    # R228/81: the receipt must be for exactly the bytes that the bureau signed.
    if content["id"] != str(says.message):
        raise ProofRefused(_("the receipt names another message"))
    if says.sha256 != proven.sha256 or says.status != ACCEPTED:
        raise ProofRefused(_("the receipt names other content, or does not say «accepted»"))
    # R228/81: and it was received when the bureau had signed, and acknowledged when it had been received.
    if not lies_between(received_at, told.signed_at, acknowledged.signed_at):
        raise ProofRefused(_("the receipt names a time at which the message cannot have been received"))
    return proven


def verify_bundle(data: bytes, trust: Trust) -> Proven:
    """What a proof bundle proves: the pair inside, and that everything else in it agrees. Raises `ProofRefused`."""
    files = bundle.unpack(data)
    proven = _agreed(files, verify_pair(files[bundle.MESSAGE_SIGNED], files[bundle.RECEIPT_SIGNED], trust))
    return replace(proven, stamp=_stamp(files, proven.told, trust))


def _agreed(files: dict[str, bytes], proven: Proven) -> Proven:
    """`proven`, where everything else in the bundle is what was signed and believed. Raises `ProofRefused`."""
    checkpoint = proven.message["checkpoint"]
    agreed = {
        bundle.MESSAGE: proven.told.content,
        bundle.RECEIPT: proven.acknowledged.content,
        bundle.CHECKPOINT: None if checkpoint is None else checkpoint.encode(),
    }
    for name, signed in agreed.items():
        if files.get(name) != signed:
            raise ProofRefused(_("%s is not what was signed") % name)
    for name, signed_file in ((bundle.BUREAU, proven.told), (bundle.REGULATOR, proven.acknowledged)):
        if _certificate(files[name]) != signed_file.certificate:
            raise ProofRefused(_("%s is not the certificate believed") % name)
    return proven


def _stamp(files: dict[str, bytes], told: cms.Signed, trust: Trust) -> timestamp.Stamp | NoStamp:
    """What the time-stamp in a bundle proves of the signed message. Raises `ProofRefused`."""
    if bundle.STAMP not in files:
        return NoStamp.ABSENT
    if not trust.authority:
        return NoStamp.NOT_CHECKED
    try:
        stamp = timestamp.verify(files[bundle.STAMP], files[bundle.MESSAGE_SIGNED], trusted=trust.authority)
    except timestamp.StampRefused as refusal:
        raise ProofRefused(_("the time-stamp: %s") % reason_of_stamp(refusal)) from refusal
    if _certificate(files[bundle.AUTHORITY]) != stamp.certificate:
        raise ProofRefused(_("%s is not the certificate believed") % bundle.AUTHORITY)
    # R228/81: nobody stamps what is signed later; one of the two times is not true.
    if told.signed_at - stamp.at > SKEW:
        raise ProofRefused(_("the time-stamp is older than the signature that it is over"))
    return stamp


def walk_bundle(data: bytes, trust: Trust) -> tuple[Steps, Proven | None]:
    """The steps by which a proof bundle is checked, and what it proves; None where a step did not hold."""
    steps = Steps()
    files = steps.take(
        "files", lambda: bundle.unpack(data), lambda found: _("%s files, each with its sum") % len(found)
    )
    if files is None:
        _skip(steps, "files", "bureau-signature", "regulator-signature", "receipt-for-message", "agreement")
        return steps, None
    told = steps.take(
        "bureau-signature",
        lambda: _verified(files[bundle.MESSAGE_SIGNED], trust.bureau, _("the message")),
        lambda signed: _("signed by the bureau on %s") % iso(signed.signed_at),
    )
    acknowledged = steps.take(
        "regulator-signature",
        lambda: _verified(files[bundle.RECEIPT_SIGNED], trust.regulator, _("the receipt")),
        lambda signed: _("signed by the regulator on %s") % iso(signed.signed_at),
    )
    if told is None or acknowledged is None:
        _skip(steps, "bureau-signature, regulator-signature", "receipt-for-message", "agreement")
        return steps, None
    proven = steps.take(
        "receipt-for-message",
        lambda: _receipted(told, acknowledged),
        lambda found: _("received on %(at)s: SHA-256 %(sum)s") % {"at": iso(found.received_at), "sum": found.sha256},
    )
    if proven is None:
        _skip(steps, "receipt-for-message", "agreement")
        return steps, None
    agreed = steps.take(
        "agreement", lambda: _agreed(files, proven), lambda _found: _("everything else in it is what was signed")
    )
    if agreed is not None and bundle.STAMP in files:
        steps.take(
            "time-stamp",
            lambda: _checked_stamp(files, agreed.told, trust),
            lambda stamp: _("a time-stamping authority saw what was signed on %s") % iso(stamp.at),
        )
    return steps, agreed


def _checked_stamp(files: dict[str, bytes], told: cms.Signed, trust: Trust) -> timestamp.Stamp:
    """The time-stamp in a bundle. Raises `ProofRefused`, also where there is nobody whose stamp is believed."""
    stamp = _stamp(files, told, trust)
    if isinstance(stamp, NoStamp):
        raise ProofRefused(_("not checked: no certificate of a time-stamping authority is given"))
    return stamp


def _skip(steps: Steps, because: str, *names: str) -> None:
    for name in names:
        steps.skip(name, because)


def read_signed(der: bytes, trust: Trust) -> dict[str, Any]:
    """What a message or a receipt says, and who signed it when. Raises `ProofRefused`."""
    signer, believed = ("regulator", trust.regulator) if is_receipt(der, trust) else ("bureau", trust.bureau)
    signed = _verified(der, believed, _("the file"))
    try:
        content = canonical.loads(signed.content)
    except ValueError as error:
        raise ProofRefused(_("what was signed does not read as a message or a receipt: %s") % error) from error
    return {"signer": signer, "signed_at": iso(signed.signed_at), "content": content}


def is_receipt(der: bytes, trust: Trust) -> bool:
    """Whether the regulator claims to have signed `der`; `verify_pair` holds the claim to the bundle.

    Raises `ProofRefused` where it is not a signed file.
    """
    try:
        return cms.enclosed_certificate(der) in trust.regulator
    except cms.NotSignedData as refusal:
        raise ProofRefused(str(reason(refusal))) from refusal


def _verified(der: bytes, trusted: Certificates, what: str) -> cms.Signed:
    try:
        return cms.verify(der, trusted=trusted)
    except cms.SealRefused as refusal:
        raise ProofRefused(f"{what}: {reason(refusal)}") from refusal


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except (ValueError, x509.InvalidVersion) as error:
        raise ProofRefused(_("a certificate in the bundle does not read as one")) from error
