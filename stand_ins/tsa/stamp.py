"""Time-stamp responses (RFC 3161), as the behaviour of the hour has them."""

import datetime
import os
import secrets
from hashlib import sha256
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

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
    token = {"content_type": "signed_data", "content": _signed(info, signer)}
    return _der(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}))


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


def _signed(info: bytes, authority: Authority) -> cms.SignedData:
    der = authority.certificate.public_bytes(Encoding.DER)
    certificate = asn1_x509.Certificate.load(der)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [sha256(info).digest()]}),
            cms.CMSAttribute(
                {
                    "type": "signing_certificate_v2",
                    "values": [tsp.SigningCertificateV2({"certs": [{"cert_hash": sha256(der).digest()}]})],
                }
            ),
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number},
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": authority.key.sign(_der(attributes), ec.ECDSA(hashes.SHA256())),
        }
    )
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )


def _refusal(why: str) -> bytes:
    return _der(_Refusal({"status": {"status": "rejection", "status_string": [why]}}))


def _der(value: core.Asn1Value) -> bytes:
    der: bytes = value.dump(force=True)
    return der
