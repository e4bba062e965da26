"""Sealing: CMS SignedData by one signer, CMS AuthEnvelopedData for one recipient (RFC 5652, 5083, 5084).

Sign first, then encrypt: the signature stays provable to third parties after the envelope is gone. SHA-256 only; EC
P-256 or RSA signatures; RSAES-OAEP with SHA-256 in both places; AES-256-GCM with a 16-byte tag; DER only (`cms_forms`).
Nothing here returns a yes or no: what is refused raises.

`cryptography` has a CMS signer, which is used; its verifier and its reader of AuthEnvelopedData do not exist.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from senim.kit.crypto import cms_forms as forms

_KEY, _NONCE, _TAG = 32, 12, 16
_OAEP: Final = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)


class SealRefused(Exception):
    """A signature or an envelope that is not accepted."""


class NotSignedData(SealRefused):
    """Not the DER of SignedData in our form."""


class AlgorithmNotAllowed(SealRefused):
    """Another digest or signature algorithm than ours."""


class NotTheSigner(SealRefused):
    """Signed by somebody else than the one whose certificate is pinned."""


class CertificateNotGood(SealRefused):
    """The certificate was not valid at that time, or is not meant for this use."""


class ContentChanged(SealRefused):
    """The content is not the one that was signed."""


class SignatureWrong(SealRefused):
    """The signature does not belong to the key of the certificate."""


class CannotOpen(SealRefused):
    """The envelope does not open. Why is never told: whoever could ask why could learn the key bit by bit."""


@dataclass(frozen=True)
class Signed:
    """What was signed, and when by the signer's own word."""

    content: bytes
    signed_at: datetime


def sign(content: bytes, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    """`content` inside SignedData (DER), with content type, message digest and signing time as signed attributes.

    Raises `CertificateNotGood` where the certificate is another key's.
    """
    if certificate.public_key() != key.public_key():
        raise CertificateNotGood("the signing certificate belongs to another key")
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.NoCapabilities])


def verify(der: bytes, *, trusted: x509.Certificate, at: datetime | None = None) -> Signed:
    """What `der` holds, once it is certain that the owner of `trusted` signed exactly that.

    `at` is when the certificate must have been valid; None takes the signing time, for proofs read long afterwards.
    Raises `NotSignedData`, `AlgorithmNotAllowed`, `NotTheSigner`, `ContentChanged`, `SignatureWrong` or
    `CertificateNotGood`.
    """
    signed = _signed_data(der)
    signer = signed.signers.as_list()[0]
    _require_signer(signed, signer, trusted)
    _require_algorithms(signed, signer, trusted)
    signed_at = _require_attributes(signed, signer)
    _require_signature(signer, trusted)
    require_good(trusted, at or signed_at, for_use="signing")
    return Signed(signed.content.content, signed_at)


def encrypt(content: bytes, recipient: x509.Certificate) -> bytes:
    """`content` inside AuthEnvelopedData (DER) that only the owner of `recipient` opens.

    Raises `CertificateNotGood` where the certificate holds no RSA key.
    """
    public = recipient.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise CertificateNotGood("the recipient's certificate holds no RSA key")
    key, nonce = AESGCM.generate_key(_KEY * 8), os.urandom(_NONCE)
    ciphertext = AESGCM(key).encrypt(nonce, content, None)
    enveloped = forms.AuthEnvelopedData(
        version=0,
        recipients=asn1.SetOf(
            [
                forms.Recipient(
                    version=0,
                    recipient=forms.of(recipient),
                    encryption=_oaep_form(),
                    key=public.encrypt(key, _OAEP),
                )
            ]
        ),
        content=forms.EncryptedContent(
            oid=forms.DATA,
            encryption=forms.ContentEncryption(
                oid=forms.AES_256_GCM, parameters=forms.GcmParameters(nonce=nonce, tag_length=_TAG)
            ),
            ciphertext=ciphertext[:-_TAG],
        ),
        tag=ciphertext[-_TAG:],
    )
    return asn1.encode_der(forms.EnvelopedFile(oid=forms.AUTH_ENVELOPED_DATA, content=enveloped))


def decrypt(der: bytes, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    """The content of `der`, an AuthEnvelopedData for the owner of `certificate`, whose key is `key`.

    Raises `CannotOpen`, always the same, whatever is wrong: form, recipient, key, tag.
    """
    try:
        file = asn1.decode_der(forms.EnvelopedFile, der)
        enveloped = file.content
        (recipient,) = enveloped.recipients.as_list()
    except ValueError:
        raise CannotOpen from None
    encryption = enveloped.content.encryption
    ours = (
        file.oid == forms.AUTH_ENVELOPED_DATA
        and enveloped.version == recipient.version == 0
        and _names(recipient.recipient, certificate)
        and _is_our_oaep(recipient.encryption)
        and enveloped.content.oid == forms.DATA
        and encryption.oid == forms.AES_256_GCM
        and encryption.parameters.tag_length == len(enveloped.tag) == _TAG
        and len(encryption.parameters.nonce) == _NONCE
    )
    if not ours:
        raise CannotOpen
    content_key = _content_key(recipient.key, key)
    try:
        ciphertext = enveloped.content.ciphertext + enveloped.tag
        return AESGCM(content_key).decrypt(encryption.parameters.nonce, ciphertext, None)
    except InvalidTag:
        raise CannotOpen from None


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


def is_enveloped(der: bytes) -> bool:
    """Whether `der` looks like an envelope (it may still not open); a signed file does not."""
    try:
        return asn1.decode_der(forms.EnvelopedFile, der).oid == forms.AUTH_ENVELOPED_DATA
    except ValueError:
        return False


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


def _require_signer(signed: forms.SignedData, signer: forms.SignerInfo, trusted: x509.Certificate) -> None:
    # The certificate in the file is only compared, never parsed: trust comes from the pinned one.
    enclosed = [asn1.encode_der(certificate) for certificate in signed.certificates.as_list()]
    if enclosed != [trusted.public_bytes(Encoding.DER)] or not _names(signer.signer, trusted):
        raise NotTheSigner("signed by another certificate than the pinned one")


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
    if content_type != signed.content.oid or not bytes_eq(digest, _sha256(signed.content.content)):
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


def _content_key(encrypted: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """The content key, or a random one where there is none: both then fail or pass at the tag, in the same way."""
    instead = os.urandom(_KEY)
    try:
        found = key.decrypt(encrypted, _OAEP)
    except ValueError:
        return instead
    return found if len(found) == _KEY else instead


def _names(named: forms.IssuerAndSerial, certificate: x509.Certificate) -> bool:
    return asn1.encode_der(named) == asn1.encode_der(forms.of(certificate))


def _oaep_form() -> forms.KeyEncryption:
    digest = forms.Algorithm(oid=forms.SHA256, parameters=None)
    mask = forms.MaskGeneration(oid=forms.MGF1, digest=digest)
    return forms.KeyEncryption(oid=forms.RSAES_OAEP, parameters=forms.OaepParameters(digest=digest, mask=mask))


def _is_our_oaep(encryption: forms.KeyEncryption) -> bool:
    parameters = encryption.parameters
    named = (encryption.oid, parameters.digest.oid, parameters.mask.oid, parameters.mask.digest.oid)
    return named == (forms.RSAES_OAEP, forms.SHA256, forms.MGF1, forms.SHA256)


def _sha256(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()
