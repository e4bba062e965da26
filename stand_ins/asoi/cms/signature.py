"""SignedData (RFC 5652): sign a receipt, verify a message against the signer's pinned certificates."""

import datetime
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from stand_ins.asoi.credentials import Signer

_CLOCK_SKEW = datetime.timedelta(minutes=5)


class NotSigned(Exception):
    """The signature is missing, broken or not the pinned one; the text says which."""


def sign(content: bytes, signer: Signer, at: datetime.datetime | None = None) -> bytes:
    """`content` attached, signed with content type, digest and signing time, DER; `at` is what a wrong clock says."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())
    signed = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities])
    return signed if at is None else _signed_at(signed, signer, at)


def _signed_at(signed: bytes, signer: Signer, at: datetime.datetime) -> bytes:
    """The same, signed anew with another signing time: the library signs by the true clock alone."""
    outer = cms.ContentInfo.load(signed)
    info = outer["content"]["signer_infos"][0]
    attributes = info["signed_attrs"]
    for attribute in attributes:
        if attribute["type"].native == "signing_time":
            attribute["values"] = [cms.Time({"utc_time": at.replace(microsecond=0)})]
    info["signature"] = signer.key.sign(attributes.untag().dump(force=True), ec.ECDSA(hashes.SHA256()))
    return bytes(outer.dump(force=True))


def verify(signed: bytes, known: Iterable[x509.Certificate], now: datetime.datetime) -> bytes:
    """The content that the owner of one of the `known` certificates signed by `now`. Raises `NotSigned`.

    1. One attached piece of data, one signer, and its certificate is a pinned one.
    2. The signed attributes name the content's type and digest, and a moment at which the certificate was valid.
    3. The signature over those attributes is made with the pinned certificate's key.
    """
    try:
        return _verify(signed, known, now)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NotSigned("what is inside is not CMS SignedData as agreed") from None


def _verify(signed: bytes, known: Iterable[x509.Certificate], now: datetime.datetime) -> bytes:
    # 1. What is signed, and by whom it claims to be.
    outer = cms.ContentInfo.load(signed, strict=True)
    _demand(outer["content_type"].native == "signed_data", "what is inside is not SignedData")
    data = outer["content"]
    encapsulated = data["encap_content_info"]
    _demand(encapsulated["content_type"].native == "data", "the signed content is not plain data")
    content = encapsulated["content"].native
    _demand(isinstance(content, bytes), "the signature is detached")
    _demand(len(data["signer_infos"]) == 1, "there is not exactly one signer")
    info = data["signer_infos"][0]
    included = {certificate.chosen.dump() for certificate in data["certificates"]}
    pinned = next((each for each in known if each.public_bytes(Encoding.DER) in included), None)
    if pinned is None:
        raise NotSigned("the signer's certificate is not included or not known")
    _demand(_names(info["sid"], _parsed(pinned)), "the signer is not the certificate we know")

    # 2. The signed attributes.
    _demand(info["digest_algorithm"]["algorithm"].native == "sha256", "the digest is not SHA-256")
    attributes = info["signed_attrs"]
    _demand(_the_one(attributes, "content_type").native == "data", "the signed content type is wrong")
    _demand(_the_one(attributes, "message_digest").native == sha256(content).digest(), "the signed digest is wrong")
    signed_at = _the_one(attributes, "signing_time").native
    _demand(_is_valid(pinned, signed_at) and signed_at <= now + _CLOCK_SKEW, "the signing time cannot be true")

    # 3. The signature itself.
    _demand(
        info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa", "the signature is not ECDSA with SHA-256"
    )
    key = pinned.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise NotSigned("the bureau's signing certificate holds no EC key")
    try:
        key.verify(info["signature"].native, attributes.untag().dump(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise NotSigned("the signature is not the bureau's") from None
    return bytes(content)


@cache
def _parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotSigned(otherwise)


def _names(identifier: cms.SignerIdentifier, certificate: asn1_x509.Certificate) -> bool:
    if identifier.name == "subject_key_identifier":
        return bool(identifier.native == certificate.key_identifier)
    named = identifier.chosen
    return bool(
        named["issuer"].dump() == certificate.issuer.dump()
        and named["serial_number"].native == certificate.serial_number
    )


def _is_valid(certificate: x509.Certificate, moment: datetime.datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _the_one(attributes: Iterable[cms.CMSAttribute], kind: str) -> Any:
    """The single value of the single attribute of this kind."""
    found = [attribute["values"] for attribute in attributes if attribute["type"].native == kind]
    _demand(len(found) == 1 and len(found[0]) == 1, f"the signed attribute {kind} is not there exactly once")
    return found[0][0]
