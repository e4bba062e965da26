"""The ASN.1 of time-stamps: request, response, and the token inside (RFC 3161, 5816; RFC 5652 for the token).

Wider than `cms_forms` where authorities that we do not know differ: further certificates beside the signer's, other
digests than SHA-256, attributes that we do not read. Lists that DER sorts are taken in any order.
"""

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from senim.kit.crypto.cms_forms import Algorithm, Attribute, IssuerAndSerial

TST_INFO = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
SIGNING_CERTIFICATE = ObjectIdentifier("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2 = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")


@asn1.sequence
class Imprint:
    """The digest of what is stamped."""

    algorithm: Algorithm
    digest: bytes


@asn1.sequence
class Request:
    """RFC 3161 §2.4.1 without extensions."""

    version: int
    imprint: Imprint
    policy: ObjectIdentifier | None
    nonce: int | None
    certificate: Annotated[bool, asn1.Default(value=False)]


@asn1.sequence
class Status:
    """How the authority answered: 0 is granted; else its own words, where it has some."""

    status: int
    words: list[str] | None
    failure: asn1.BitString | None


@asn1.sequence
class Encapsulated:
    """What is signed."""

    oid: ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class Signer:
    """One signature over the signed attributes; what stands unsigned beside it is not read."""

    version: int
    signer: IssuerAndSerial
    digest: Algorithm
    attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    algorithm: Algorithm
    signature: bytes
    unsigned: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class SignedData:
    """RFC 5652 §5.1, version 3."""

    version: int
    digests: asn1.SetOf[Algorithm]
    content: Encapsulated
    certificates: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    revocations: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[Signer]


@asn1.sequence
class Token:
    """The time-stamp itself."""

    oid: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class Response:
    """RFC 3161 §2.4.2."""

    status: Status
    token: Token | None


@asn1.sequence
class Accuracy:
    """How far the time may be from the true one, to either side."""

    seconds: int | None
    millis: Annotated[int | None, asn1.Implicit(0)]
    micros: Annotated[int | None, asn1.Implicit(1)]


@asn1.sequence
class StampInfo:
    """TSTInfo: what the authority says."""

    version: int
    policy: ObjectIdentifier
    imprint: Imprint
    serial: int
    time: asn1.GeneralizedTime
    accuracy: Accuracy | None
    ordering: Annotated[bool, asn1.Default(value=False)]
    nonce: int | None
    name: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class CertificateDigest:
    """ESSCertID and ESSCertIDv2 (RFC 5035): a certificate by its digest; by SHA-256 where a second one names none."""

    algorithm: Algorithm | None
    digest: bytes
    issuer: list[asn1.TLV] | None


@asn1.sequence
class SigningCertificate:
    """The signer's certificate first."""

    certificates: list[CertificateDigest]
    policies: list[asn1.TLV] | None
