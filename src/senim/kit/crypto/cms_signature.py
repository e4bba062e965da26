"""SignedData by one signer: made by `cryptography`, read by ourselves, because it has no CMS verifier."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from senim.kit.crypto import cms_forms as forms
from senim.kit.crypto.cms_refusals import (
    AlgorithmNotAllowed,
    CertificateNotGood,
    ContentChanged,
    NotSignedData,
    NotTheSigner,
    SignatureWrong,
)


@dataclass(frozen=True)
class Signed:
    """What was signed, when by the signer's own word, and under which of the certificates believed."""

    content: bytes
    signed_at: datetime
    certificate: x509.Certificate


def sign(content: bytes, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    """`content` inside SignedData (DER), with content type, message digest and signing time as signed attributes.

    Raises `CertificateNotGood` where the certificate is another key's.
    """
    if certificate.public_key() != key.public_key():
        raise CertificateNotGood("the signing certificate belongs to another key")
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.NoCapabilities])


def verify(der: bytes, *, trusted: Iterable[x509.Certificate], at: datetime | None = None) -> Signed:
    """What `der` holds, once it is certain that the owner of one of `trusted` signed exactly that.

    `trusted` are the certificates of one signer, the present and former ones. `at` is when the one that signed must
    have been valid; None takes the signing time, for proofs read long afterwards.
    Raises `NotSignedData`, `AlgorithmNotAllowed`, `NotTheSigner`, `ContentChanged`, `SignatureWrong` or
    `CertificateNotGood`.
    """
    signed = _signed_data(der)
    signer = signed.signers.as_list()[0]
    certificate = _believed(signed, signer, trusted)
    _require_algorithms(signed, signer, certificate)
    signed_at = _require_attributes(signed, signer)
    _require_signature(signer, certificate)
    require_good(certificate, at or signed_at, for_use="signing")
    return Signed(signed.content.content, signed_at, certificate)


def enclosed_certificate(der: bytes) -> x509.Certificate:
    """The signer's certificate that the SignedData `der` carries: a claim, to be compared before it is believed.

    Raises `NotSignedData`.
    """
    enclosed = _signed_data(der).certificates.as_list()
    if len(enclosed) != 1:
        raise NotSignedData("not exactly one certificate inside")
    try:
        return x509.load_der_x509_certificate(asn1.encode_der(enclosed[0]))
    except (ValueError, x509.InvalidVersion) as error:
        raise NotSignedData("what stands in the place of the certificate is none") from error


def require_good(certificate: x509.Certificate, at: datetime, *, for_use: str) -> None:
    """Be silent where `certificate` is valid at `at` and its key is meant `for_use`: `signing` or `encryption`.

    Raises `CertificateNotGood`.
    """
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise CertificateNotGood(
            f"the {for_use} certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d}, not on {at:%Y-%m-%d}"
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise CertificateNotGood(f"the {for_use} certificate does not say what its key is for") from None
    fit = usage.key_encipherment if for_use == "encryption" else usage.digital_signature or usage.content_commitment
    if not fit:
        raise CertificateNotGood(f"this certificate's key is not meant for {for_use}")


def _signed_data(der: bytes) -> forms.SignedData:
    try:
        file = asn1.decode_der(forms.SignedFile, der)
    except ValueError as error:
        raise NotSignedData("this is not SignedData in DER with one signer and its certificate") from error
    signed = file.content
    signers = signed.signers.as_list()
    if file.oid != forms.SIGNED_DATA or signed.content.oid != forms.DATA or len(signers) != 1:
        raise NotSignedData("not one signature over plain data")
    if (signed.version, signers[0].version) != (1, 1):
        raise NotSignedData("not version 1 of SignedData")
    return signed


def _believed(
    signed: forms.SignedData, signer: forms.SignerInfo, trusted: Iterable[x509.Certificate]
) -> x509.Certificate:
    # The certificate in the file is only compared, never parsed: trust comes from the pinned ones.
    enclosed = [asn1.encode_der(certificate) for certificate in signed.certificates.as_list()]
    for certificate in trusted:
        if enclosed == [certificate.public_bytes(Encoding.DER)] and forms.names(signer.signer, certificate):
            return certificate
    raise NotTheSigner("signed by another certificate than the pinned ones")


def _require_algorithms(signed: forms.SignedData, signer: forms.SignerInfo, trusted: x509.Certificate) -> None:
    if [digest.oid for digest in signed.digests.as_list()] != [forms.SHA256] or signer.digest.oid != forms.SHA256:
        raise AlgorithmNotAllowed("the digest is not SHA-256")
    allowed = (
        {forms.ECDSA_SHA256}
        if isinstance(trusted.public_key(), ec.EllipticCurvePublicKey)
        else {forms.RSA_ENCRYPTION, forms.RSA_SHA256}
    )
    if signer.algorithm.oid not in allowed:
        raise AlgorithmNotAllowed("the signature algorithm is not the one of the pinned key with SHA-256")


def _require_attributes(signed: forms.SignedData, signer: forms.SignerInfo) -> datetime:
    """The signing time, once content type and digest are those of the content."""
    values: dict[x509.ObjectIdentifier, asn1.TLV] = {}
    for attribute in signer.attributes.as_list():
        found = attribute.values.as_list()
        if len(found) != 1 or attribute.oid in values:
            raise NotSignedData("a signed attribute without exactly one value")
        values[attribute.oid] = found[0]
    try:
        content_type = values[forms.CONTENT_TYPE].parse(x509.ObjectIdentifier)
        digest = values[forms.MESSAGE_DIGEST].parse(bytes)
        signed_at = _moment(values[forms.SIGNING_TIME])
    except (KeyError, ValueError) as error:
        raise NotSignedData("content type, message digest and signing time are not all signed") from error
    if content_type != signed.content.oid or not bytes_eq(digest, sha256(signed.content.content).digest()):
        raise ContentChanged("the content is not the one that was signed")
    return signed_at


def _require_signature(signer: forms.SignerInfo, trusted: x509.Certificate) -> None:
    # RFC 5652 §5.4: signed is the DER of the attributes as SET OF, not as the [0] that stands in the file.
    attributes = asn1.encode_der(signer.attributes)
    public = trusted.public_key()
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signer.signature, attributes, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(signer.signature, attributes, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise AlgorithmNotAllowed("the pinned certificate holds neither an EC nor an RSA key")
    except InvalidSignature:
        raise SignatureWrong("the signature is wrong") from None


def _moment(value: asn1.TLV) -> datetime:
    """RFC 5652 §11.3: UTCTime until 2049, GeneralizedTime from 2050."""
    is_utc_time = value.tag_bytes == b"\x17"
    time = value.parse(asn1.UTCTime) if is_utc_time else value.parse(asn1.GeneralizedTime)
    moment: datetime = time.as_datetime()
    return moment
