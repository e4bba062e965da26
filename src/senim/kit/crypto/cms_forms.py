"""The ASN.1 of the two CMS forms we use, and no more of CMS than that.

SignedData (RFC 5652 §5) with one signer, AuthEnvelopedData (RFC 5083) for one recipient with AES-GCM (RFC 5084). The
decoder takes DER only and knows no optional part that we have no use for: originators, revocation lists, unsigned
attributes. What is not in these forms is refused, so that no byte of an accepted file is unaccounted for.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
AUTH_ENVELOPED_DATA = ObjectIdentifier("1.2.840.113549.1.9.16.1.23")
DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
RSA_ENCRYPTION = ObjectIdentifier("1.2.840.113549.1.1.1")
RSA_SHA256 = ObjectIdentifier("1.2.840.113549.1.1.11")
ECDSA_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")
RSAES_OAEP = ObjectIdentifier("1.2.840.113549.1.1.7")
MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")
AES_256_GCM = ObjectIdentifier("2.16.840.1.101.3.4.1.46")


@asn1.sequence
class Algorithm:
    """AlgorithmIdentifier of an algorithm without parameters: absent or NULL, both are seen."""

    oid: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class IssuerAndSerial:
    """Names a certificate by its issuer and serial number."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class Attribute:
    """A signed attribute: what it says, and its values."""

    oid: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class SignerInfo:
    """One signature over the signed attributes (version 1: the signer is named by issuer and serial)."""

    version: int
    signer: IssuerAndSerial
    digest: Algorithm
    attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    algorithm: Algorithm
    signature: bytes


@asn1.sequence
class Encapsulated:
    """The signed content itself: attached, never detached."""

    oid: ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """RFC 5652 §5.1."""

    version: int
    digests: asn1.SetOf[Algorithm]
    content: Encapsulated
    certificates: Annotated[asn1.SetOf[asn1.TLV], asn1.Implicit(0)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class SignedFile:
    """A file that holds SignedData."""

    oid: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class MaskGeneration:
    """MGF1 with its hash."""

    oid: ObjectIdentifier
    digest: Algorithm


@asn1.sequence
class OaepParameters:
    """RFC 4055 §4.1 without a label."""

    digest: Annotated[Algorithm, asn1.Explicit(0)]
    mask: Annotated[MaskGeneration, asn1.Explicit(1)]


@asn1.sequence
class KeyEncryption:
    """How the content key was encrypted."""

    oid: ObjectIdentifier
    parameters: OaepParameters


@asn1.sequence
class Recipient:
    """KeyTransRecipientInfo (version 0: the recipient is named by issuer and serial)."""

    version: int
    recipient: IssuerAndSerial
    encryption: KeyEncryption
    key: bytes


@asn1.sequence
class GcmParameters:
    """RFC 5084 §3.2; the length of the tag in bytes, of which the standard's default of 12 is too short for us."""

    nonce: bytes
    tag_length: int


@asn1.sequence
class ContentEncryption:
    """How the content was encrypted."""

    oid: ObjectIdentifier
    parameters: GcmParameters


@asn1.sequence
class EncryptedContent:
    """The ciphertext without its tag."""

    oid: ObjectIdentifier
    encryption: ContentEncryption
    ciphertext: Annotated[bytes, asn1.Implicit(0)]


@asn1.sequence
class AuthEnvelopedData:
    """RFC 5083 §2.1."""

    version: int
    recipients: asn1.SetOf[Recipient]
    content: EncryptedContent
    tag: bytes


@asn1.sequence
class EnvelopedFile:
    """A file that holds AuthEnvelopedData."""

    oid: ObjectIdentifier
    content: Annotated[AuthEnvelopedData, asn1.Explicit(0)]


def of(certificate: x509.Certificate) -> IssuerAndSerial:
    """How CMS names `certificate`."""
    issuer = asn1.decode_der(asn1.TLV, certificate.issuer.public_bytes())
    return IssuerAndSerial(issuer=issuer, serial=certificate.serial_number)


def names(named: IssuerAndSerial, certificate: x509.Certificate) -> bool:
    """Whether `named` is `certificate`."""
    return asn1.encode_der(named) == asn1.encode_der(of(certificate))
