"""Time-stamps of an authority (RFC 3161): asked for, read, and verified without a network against pinned certificates.

A stamp says that certain bytes were there at a certain time, by the word of somebody who is neither their author nor
their recipient. What is refused raises; nothing here returns a yes or no.

A response is verified in this order:

1. It is granted, and holds one token of one signer in the form of RFC 5652 (`timestamp_forms`).
2. The signer's certificate equals a pinned one byte for byte; the signed attributes name that very certificate.
3. Its key is meant for time-stamping and that alone (critical id-kp-timeStamping), and it was valid at that time.
4. The signed attributes name the token's content, and the signature over them is made with that key.
5. The content is for these bytes (SHA-256), under a policy that is known, and answers the request (nonce).
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from senim.kit.crypto import cms_forms
from senim.kit.crypto import timestamp_forms as forms
from senim.kit.crypto.timestamp_refusals import (
    AuthorityNotGood,
    NotAStamp,
    NotTheAuthority,
    PolicyUnknown,
    StampAlgorithmNotAllowed,
    StampForAnother,
    StampNotAskedFor,
    StampNotGranted,
    StampRefused,
    StampSignatureWrong,
)

__all__ = [
    "AuthorityNotGood",
    "NotAStamp",
    "NotTheAuthority",
    "PolicyUnknown",
    "Question",
    "Stamp",
    "StampAlgorithmNotAllowed",
    "StampForAnother",
    "StampNotAskedFor",
    "StampNotGranted",
    "StampRefused",
    "StampSignatureWrong",
    "ask",
    "require_authority",
    "verify",
]

_NONCE_BITS = 64
_GRANTED = 0
_REQUEST, _INFO, _SIGNED_DATA, _SIGNER = 1, 1, 3, 1
"""The only version there is of each of these; of a signer, of those named by issuer and serial number."""
_DIGESTS: Final[dict[ObjectIdentifier, hashes.HashAlgorithm]] = {
    ObjectIdentifier("2.16.840.1.101.3.4.2.1"): hashes.SHA256(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
}
_ECDSA: Final = {
    cms_forms.ECDSA_SHA256: "sha256",
    ObjectIdentifier("1.2.840.10045.4.3.3"): "sha384",
    ObjectIdentifier("1.2.840.10045.4.3.4"): "sha512",
}
_RSA: Final = {
    cms_forms.RSA_SHA256: "sha256",
    ObjectIdentifier("1.2.840.113549.1.1.12"): "sha384",
    ObjectIdentifier("1.2.840.113549.1.1.13"): "sha512",
}


@dataclass(frozen=True)
class Question:
    """What is sent to the authority, and the number by which its answer is known as the answer to this."""

    der: bytes
    nonce: int


@dataclass(frozen=True)
class Stamp:
    """What is certain of a stamp that holds."""

    at: datetime
    accuracy: timedelta | None
    """How far `at` may be from the true time, to either side, by the authority's own word; None: it does not say."""
    serial: int
    policy: ObjectIdentifier
    certificate: x509.Certificate
    """The pinned one under which it was given."""


def ask(content: bytes, *, policy: ObjectIdentifier | None = None) -> Question:
    """A request to stamp `content`, of which only the SHA-256 leaves the house; under `policy`, if one is wished."""
    nonce = secrets.randbits(_NONCE_BITS)
    imprint = forms.Imprint(algorithm=_sha256(), digest=sha256(content).digest())
    asked = forms.Request(version=_REQUEST, imprint=imprint, policy=policy, nonce=nonce, certificate=True)
    return Question(asn1.encode_der(asked), nonce)


def verify(
    der: bytes,
    content: bytes,
    *,
    trusted: Iterable[x509.Certificate],
    policies: Collection[ObjectIdentifier] = (),
    nonce: int | None = None,
) -> Stamp:
    """What the response `der` proves of `content`, once it is certain that the owner of one of `trusted` gave it.

    `trusted` are the authority's certificates, present and former. `policies` are those agreed to; empty: any.
    `nonce` is that of the request; None for stamps read long afterwards.
    Raises the `StampRefused` that names what does not hold.
    """
    signed = _token(der)
    (signer,) = signed.signers.as_list()
    info = _info(signed)
    at: datetime = info.time.as_datetime()
    certificate = _believed(signer, trusted)
    require_authority(certificate, at)
    _require_signature(signed, signer, certificate)
    _require_answer(info, content, nonce)
    if policies and info.policy not in policies:
        raise PolicyUnknown(f"given under the policy {info.policy.dotted_string}")
    return Stamp(at, _accuracy(info.accuracy), info.serial, info.policy, certificate)


def require_authority(certificate: x509.Certificate, at: datetime) -> None:
    """Be silent where `certificate` is valid at `at` and its key is there for time-stamping and nothing else.

    Raises `AuthorityNotGood`.
    """
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise AuthorityNotGood(
            f"the certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d}, not on {at:%Y-%m-%d}"
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise AuthorityNotGood("the certificate does not say that its key is meant for time-stamping") from None
    # RFC 3161 §2.3: critical, and this purpose alone.
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise AuthorityNotGood("the certificate's key is not meant for time-stamping and that alone")


def _token(der: bytes) -> forms.SignedData:
    try:
        response = asn1.decode_der(forms.Response, der)
    except ValueError as error:
        raise NotAStamp("this is not the DER of a time-stamp response") from error
    if response.status.status != _GRANTED:
        said = " ".join(response.status.words or ())
        raise StampNotGranted(f"status {response.status.status} {said}".strip())
    if response.token is None:
        raise NotAStamp("granted, and no token inside")
    signed = response.token.content
    signers = signed.signers.as_list()
    if response.token.oid != cms_forms.SIGNED_DATA or signed.content.oid != forms.TST_INFO or len(signers) != 1:
        raise NotAStamp("not one signature over a time-stamp")
    if (signed.version, signers[0].version) != (_SIGNED_DATA, _SIGNER):
        raise NotAStamp("not the version of SignedData that time-stamps have")
    return signed


def _info(signed: forms.SignedData) -> forms.StampInfo:
    try:
        info = asn1.decode_der(forms.StampInfo, signed.content.content)
    except ValueError as error:
        raise NotAStamp("what was signed is not a time-stamp") from error
    if info.version != _INFO:
        raise NotAStamp("not version 1 of a time-stamp")
    return info


def _believed(signer: forms.Signer, trusted: Iterable[x509.Certificate]) -> x509.Certificate:
    # Certificates in the token are never read: trust comes from the pinned ones.
    named = [certificate for certificate in trusted if cms_forms.names(signer.signer, certificate)]
    attributes = _attributes(signer)
    for certificate in named:
        if _is_named(attributes, certificate):
            return certificate
    raise NotTheAuthority("given under another certificate than the pinned ones")


def _is_named(attributes: dict[ObjectIdentifier, asn1.TLV], certificate: x509.Certificate) -> bool:
    """Whether the signed attributes name `certificate` by its digest, first of all (RFC 5035, RFC 5816)."""
    first, second = attributes.get(forms.SIGNING_CERTIFICATE), attributes.get(forms.SIGNING_CERTIFICATE_V2)
    der = certificate.public_bytes(Encoding.DER)
    try:
        if second is not None:
            named = second.parse(forms.SigningCertificate).certificates[0]
            digest = _DIGESTS.get(named.algorithm.oid if named.algorithm else cms_forms.SHA256)
            return digest is not None and bytes_eq(named.digest, hashlib.new(digest.name, der).digest())
        if first is not None:
            named = first.parse(forms.SigningCertificate).certificates[0]
            # The older attribute knows SHA-1 alone; what it names is compared with pinned certificates only.
            return bytes_eq(named.digest, hashlib.sha1(der, usedforsecurity=False).digest())
    except (ValueError, IndexError) as error:
        raise NotAStamp("the signed attributes do not read") from error
    return False


def _attributes(signer: forms.Signer) -> dict[ObjectIdentifier, asn1.TLV]:
    values: dict[ObjectIdentifier, asn1.TLV] = {}
    for attribute in signer.attributes.as_list():
        found = attribute.values.as_list()
        if len(found) != 1 or attribute.oid in values:
            raise NotAStamp("a signed attribute without exactly one value")
        values[attribute.oid] = found[0]
    return values


def _require_signature(signed: forms.SignedData, signer: forms.Signer, certificate: x509.Certificate) -> None:
    digest = _DIGESTS.get(signer.digest.oid)
    if digest is None:
        raise StampAlgorithmNotAllowed("the digest is none of SHA-256, SHA-384 and SHA-512")
    attributes = _attributes(signer)
    try:
        content_type = attributes[cms_forms.CONTENT_TYPE].parse(ObjectIdentifier)
        said = attributes[cms_forms.MESSAGE_DIGEST].parse(bytes)
    except (KeyError, ValueError) as error:
        raise NotAStamp("content type and message digest are not both signed") from error
    if content_type != forms.TST_INFO or not bytes_eq(said, hashlib.new(digest.name, signed.content.content).digest()):
        raise StampSignatureWrong("the signature is over another time-stamp")
    _require_key(signer, certificate, digest)


def _require_key(signer: forms.Signer, certificate: x509.Certificate, digest: hashes.HashAlgorithm) -> None:
    # RFC 5652 §5.4: signed is the DER of the attributes as SET OF, not as the [0] that stands in the file.
    public, attributes, used = certificate.public_key(), asn1.encode_der(signer.attributes), signer.algorithm.oid
    try:
        if isinstance(public, ec.EllipticCurvePublicKey) and _ECDSA.get(used) == digest.name:
            public.verify(signer.signature, attributes, ec.ECDSA(digest))
        elif isinstance(public, rsa.RSAPublicKey) and (
            used == cms_forms.RSA_ENCRYPTION or _RSA.get(used) == digest.name
        ):
            public.verify(signer.signature, attributes, padding.PKCS1v15(), digest)
        else:
            raise StampAlgorithmNotAllowed("the signature algorithm is not the one of the pinned key with that digest")
    except InvalidSignature:
        raise StampSignatureWrong("the signature is wrong") from None


def _require_answer(info: forms.StampInfo, content: bytes, nonce: int | None) -> None:
    if info.imprint.algorithm.oid != cms_forms.SHA256:
        raise StampAlgorithmNotAllowed("what was stamped is not named by its SHA-256")
    if not bytes_eq(info.imprint.digest, sha256(content).digest()):
        raise StampForAnother("the stamp is over other bytes")
    if nonce is not None and info.nonce != nonce:
        raise StampNotAskedFor("the stamp does not repeat the number in the request")


def _accuracy(said: forms.Accuracy | None) -> timedelta | None:
    if said is None:
        return None
    try:
        return timedelta(seconds=said.seconds or 0, milliseconds=said.millis or 0, microseconds=said.micros or 0)
    except OverflowError as error:
        raise NotAStamp("an accuracy of longer than time is") from error


def _sha256() -> cms_forms.Algorithm:
    return cms_forms.Algorithm(oid=cms_forms.SHA256, parameters=asn1.Null())
