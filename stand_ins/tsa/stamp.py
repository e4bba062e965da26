"""Time-stamp responses (RFC 3161), as the behaviour of the hour has them."""

import datetime
import os
import secrets
from functools import cache
from hashlib import sha256
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from stand_ins.der import EXPLICIT_0, OCTETS, SEQUENCE, integer, set_of, tlv
from stand_ins.tsa.behaviour import Behaviour, Mode, now
from stand_ins.tsa.keys import Authority

POLICY = "2.25.257137428513340519264137210437981265327.1"
"""Under which this stand-in stamps: an arc of the policy that every certificate of a demonstration carries."""
_KNOWN_POLICIES = (None, POLICY)


class _Refusal(core.Sequence):  # type: ignore[misc]
    """A response without a token, which asn1crypto's own form of responses does not know."""

    _fields = [("status", tsp.PKIStatusInfo)]


def answer(request: bytes, authority: Authority, behaviour: Behaviour) -> bytes:
    """The DER of the response to the DER of a `request`."""
    if behaviour.mode is Mode.GARBAGE:
        return os.urandom(len(request))
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        imprint = asked["message_imprint"]
        is_good = (
            asked["version"].native == "v1"
            and imprint["hash_algorithm"]["algorithm"].native == "sha256"
            and len(imprint["hashed_message"].native) == sha256().digest_size
        )
        policy, nonce = asked["req_policy"].native, asked["nonce"].native
    except (ValueError, TypeError, KeyError):
        return _refusal("the request does not read as one")
    if behaviour.mode is Mode.REFUSE or not is_good:
        return _refusal("no stamp for this request")
    if policy not in _KNOWN_POLICIES:
        return _refusal("another policy than ours")
    signer = authority.impostor() if behaviour.mode is Mode.WRONG_SIGNATURE else authority
    info = _info(imprint["hashed_message"].native, nonce, behaviour)
    token = tlv(SEQUENCE, cms.ContentType("signed_data").dump(), tlv(EXPLICIT_0, _signed(info, signer)))
    return tlv(SEQUENCE, tlv(SEQUENCE, _GRANTED), token)


def _info(digest: bytes, nonce: int | None, behaviour: Behaviour) -> bytes:
    off = behaviour.delay if behaviour.mode is Mode.CLOCK_OFF else 0.0
    said: dict[str, Any] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": os.urandom(len(digest)) if behaviour.mode is Mode.WRONG_IMPRINT else digest,
        },
        "serial_number": secrets.randbits(120) + 1,
        "gen_time": (now() + datetime.timedelta(seconds=off)).replace(microsecond=0),
        "accuracy": {"seconds": 1},
    }
    if nonce is not None:
        said["nonce"] = nonce + 1 if behaviour.mode is Mode.WRONG_NONCE else nonce
    return _der(tsp.TSTInfo(said))


def _signed(info: bytes, authority: Authority) -> bytes:
    """SignedData over `info`, DER."""
    certificate = authority.certificate.public_bytes(Encoding.DER)
    issuer_and_serial, by_digest = _named(certificate)
    attributes = (
        _attribute("content_type", _TST_INFO),
        _attribute("message_digest", tlv(OCTETS, sha256(info).digest())),
        _attribute("signing_certificate_v2", by_digest),
    )
    # RFC 5652 §5.4: signed are the attributes as SET OF; in their place they stand under a tag of their own.
    signature = authority.key.sign(set_of(*attributes), ec.ECDSA(hashes.SHA256()))
    signer = tlv(
        SEQUENCE,
        integer(1),
        issuer_and_serial,
        _SHA256,
        tlv(EXPLICIT_0, *sorted(attributes)),
        _ECDSA_SHA256,
        tlv(OCTETS, signature),
    )
    content = tlv(SEQUENCE, _TST_INFO, tlv(EXPLICIT_0, tlv(OCTETS, info)))
    return tlv(SEQUENCE, integer(3), set_of(_SHA256), content, tlv(EXPLICIT_0, certificate), set_of(signer))


_GRANTED = integer(0)
_TST_INFO = cms.ContentType("tst_info").dump()
_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_ECDSA_SHA256 = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()


def _attribute(kind: str, value: bytes) -> bytes:
    return tlv(SEQUENCE, cms.CMSAttributeType(kind).dump(), set_of(value))


@cache
def _named(certificate: bytes) -> tuple[bytes, bytes]:
    """How a signer names his certificate: by issuer and serial number, and by its digest (RFC 5035)."""
    parsed = asn1_x509.Certificate.load(certificate)
    by_name = cms.IssuerAndSerialNumber({"issuer": parsed.issuer, "serial_number": parsed.serial_number})
    by_digest = tsp.SigningCertificateV2({"certs": [{"cert_hash": sha256(certificate).digest()}]})
    return by_name.dump(), by_digest.dump()


def _refusal(why: str) -> bytes:
    return _der(_Refusal({"status": {"status": "rejection", "status_string": [why]}}))


def _der(value: core.Asn1Value) -> bytes:
    der: bytes = value.dump(force=True)
    return der
