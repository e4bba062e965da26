"""AuthEnvelopedData (RFC 5083) with RSAES-OAEP (RFC 3560, SHA-256 throughout) and AES-256-GCM (RFC 5084)."""

import os
from collections.abc import Iterable
from functools import cache, lru_cache

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from stand_ins.der import EXPLICIT_0, IMPLICIT_0, OCTETS, SEQUENCE, integer, set_of, tlv

_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class CannotOpen(Exception):
    """This is not an envelope that we open. One text for every cause: a sender must not learn which step failed."""

    def __init__(self) -> None:
        super().__init__(
            "cannot be opened: not AuthEnvelopedData (RSAES-OAEP SHA-256, AES-256-GCM) for our certificate"
        )


class GcmParameters(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """GCMParameters of RFC 5084; the tag's length has a default of 12 bytes there."""

    _fields = [("nonce", core.OctetString), ("tag_length", core.Integer, {"default": 12})]


def open_envelope(sealed: bytes, key: rsa.RSAPrivateKey, certificates: Iterable[x509.Certificate]) -> bytes:
    """What `sealed` holds for the owner of `key`, by whichever of its `certificates`. Raises `CannotOpen`."""
    try:
        return _open(sealed, key, certificates)
    except (ValueError, TypeError, KeyError, RecursionError, InvalidTag):
        raise CannotOpen from None


def _open(sealed: bytes, key: rsa.RSAPrivateKey, certificates: Iterable[x509.Certificate]) -> bytes:
    outer = cms.ContentInfo.load(sealed, strict=True)
    if outer["content_type"].native != "authenticated_enveloped_data":
        raise ValueError
    envelope = outer["content"]
    content_key = key.decrypt(_encrypted_key(envelope, certificates), _OAEP)
    if len(content_key) != _KEY_BYTES:
        raise ValueError
    inner = envelope["auth_encrypted_content_info"]
    algorithm = inner["content_encryption_algorithm"]
    if algorithm["algorithm"].native != "aes256_gcm" or inner["content_type"].native != "data":
        raise ValueError
    parameters = algorithm["parameters"].parse(GcmParameters)
    tag = envelope["mac"].native
    if parameters["tag_length"].native != _TAG_BYTES or len(tag) != _TAG_BYTES:
        raise ValueError
    attributes = envelope["auth_attrs"]
    covered = attributes.untag().dump() if attributes else None
    return AESGCM(content_key).decrypt(parameters["nonce"].native, inner["encrypted_content"].native + tag, covered)


def _encrypted_key(envelope: cms.AuthEnvelopedData, certificates: Iterable[x509.Certificate]) -> bytes:
    """The content key encrypted for one of `certificates`, if OAEP with SHA-256 encrypted it."""
    ours = {_identifier(certificate) for certificate in certificates}
    for recipient in envelope["recipient_infos"]:
        if recipient.name != "ktri" or recipient.chosen["rid"].name != "issuer_and_serial_number":
            continue
        info = recipient.chosen
        if info["rid"].chosen.dump() in ours:
            if not _is_our_oaep(info["key_encryption_algorithm"].dump()):
                raise ValueError
            return bytes(info["encrypted_key"].native)
    raise ValueError


def seal_envelope(content: bytes, certificate: x509.Certificate) -> bytes:
    """`content` so that only the owner of `certificate` can read it, DER."""
    public = certificate.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError("receipts are sealed to an RSA certificate")
    content_key, nonce = AESGCM.generate_key(bit_length=_KEY_BYTES * 8), os.urandom(_NONCE_BYTES)
    encrypted = AESGCM(content_key).encrypt(nonce, content, None)
    recipient = tlv(
        SEQUENCE,
        integer(0),
        _identifier(certificate),
        _oaep_algorithm(),
        tlv(OCTETS, public.encrypt(content_key, _OAEP)),
    )
    gcm = tlv(SEQUENCE, tlv(OCTETS, nonce), integer(_TAG_BYTES))
    inner = tlv(
        SEQUENCE,
        cms.ContentType("data").dump(),
        tlv(SEQUENCE, algos.EncryptionAlgorithmId("aes256_gcm").dump(), gcm),
        tlv(IMPLICIT_0, encrypted[:-_TAG_BYTES]),
    )
    envelope = tlv(SEQUENCE, integer(0), set_of(recipient), inner, tlv(OCTETS, encrypted[-_TAG_BYTES:]))
    return tlv(SEQUENCE, cms.ContentType("authenticated_enveloped_data").dump(), tlv(EXPLICIT_0, envelope))


@cache
def _identifier(certificate: x509.Certificate) -> bytes:
    """Issuer and serial number, DER."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    named = cms.IssuerAndSerialNumber({"issuer": parsed.issuer, "serial_number": parsed.serial_number})
    return bytes(named.dump())


@cache
def _oaep_algorithm() -> bytes:
    """RSAES-OAEP with SHA-256 throughout, DER."""
    sha256 = {"algorithm": "sha256"}
    mgf1 = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": sha256})
    form = cms.KeyEncryptionAlgorithm(
        {"algorithm": "rsaes_oaep", "parameters": {"hash_algorithm": sha256, "mask_gen_algorithm": mgf1}}
    )
    return bytes(form.dump())


@lru_cache(maxsize=16)
def _is_our_oaep(algorithm: bytes) -> bool:
    """Whether this DER says RSAES-OAEP with SHA-256 throughout; parameters that are none may be there or not."""
    said, ours = (cms.KeyEncryptionAlgorithm.load(der).native for der in (algorithm, _oaep_algorithm()))
    return bool(said == ours)
