"""Which keys and certificates the regulator channel uses, where they live, and until when they are valid."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_csr

from senim.asoi import pinned
from senim.asoi.checks import authority_of
from senim.asoi.errors import NoToken, problem_of_token
from senim.asoi.internal.credentials import (
    CLIENT_TLS,
    MESSAGE_SIGNING,
    PROCESS,
    RECEIPT_DECRYPTION,
    own_certificates,
)
from senim.asoi.internal.token import new_token_key, token_key
from senim.asoi.pinned import Certificates
from senim.asoi.settings import SigningSettings, asoi_settings
from senim.kit.clock import iso
from senim.kit.crypto import cms, keys
from senim.kit.crypto.token_refusals import TokenRefused
from senim.kit.instance import Instance


@dataclass(frozen=True)
class Held:
    """A key, or somebody else's, and its certificates."""

    purpose: str
    key: str
    """Where our private key lives; empty where it is somebody else's."""
    place: str
    """Where the certificates lie."""
    certificates: Certificates

    def as_json(self, at: datetime) -> dict[str, object]:
        """For programs and people; of each certificate how it stands at the moment `at`."""
        present = pinned.present(self.certificates, at)
        return {
            "purpose": self.purpose,
            "key": self.key,
            "place": self.place,
            "certificates": [
                {
                    "sha256": keys.fingerprint(one),
                    "subject": one.subject.rfc4514_string(),
                    "valid_from": iso(one.not_valid_before_utc),
                    "valid_until": iso(one.not_valid_after_utc),
                    "stands": _stands(one, present, at),
                }
                for one in self.certificates
            ],
        }


def held(instance: Instance) -> list[Held]:
    """Everything that the channel signs, opens, connects and believes with.

    Raises `CertificateUnreadable`, `BadSettings`.
    """
    wanted = asoi_settings(instance).signing
    found = [_own(instance, purpose, wanted) for purpose in (MESSAGE_SIGNING, RECEIPT_DECRYPTION, CLIENT_TLS)]
    believed = [pinned.SIGNING, pinned.ENCRYPTION, *([pinned.TSA] if authority_of(instance) else [])]
    for name in believed:
        place = instance.trust(name)
        found.append(Held(name, "", _within(instance, place), pinned.read(place)))
    return found


def try_signing_key(instance: Instance) -> None:
    """Have the token sign something, and be silent where the signature holds under our certificate.

    Raises `NoToken`, `TokenProblem`, `CertificateUnreadable`, `BadSettings`, `ExposedFile`.
    """
    certificate = own_certificates(instance, MESSAGE_SIGNING)[0]
    key = token_key(instance, _token(instance), certificate.public_key())
    try:
        cms.verify(cms.sign(b"senim", key, certificate), trusted=[certificate])
    except TokenRefused as refusal:
        raise problem_of_token(refusal) from refusal


def token_request(instance: Instance) -> bytes:
    """A certificate request (PEM) of the key on the token, under the names of the one in the file.

    Raises what `try_signing_key` raises.
    """
    key = new_token_key(instance, _token(instance))
    names = load_pem_x509_csr(instance.certificate(PROCESS, MESSAGE_SIGNING).with_suffix(".csr").read_bytes()).subject
    builder = x509.CertificateSigningRequestBuilder().subject_name(names)
    try:
        return builder.sign(key, keys.SHA256).public_bytes(Encoding.PEM)
    except TokenRefused as refusal:
        raise problem_of_token(refusal) from refusal


def _token(instance: Instance) -> SigningSettings:
    wanted = asoi_settings(instance).signing
    if wanted is None:
        raise NoToken
    return wanted


def _own(instance: Instance, purpose: str, token: SigningSettings | None) -> Held:
    is_on_token = token is not None and purpose == MESSAGE_SIGNING
    where = f"{token.module}: {token.token}/{token.key}" if token is not None and is_on_token else ""
    key, place = instance.key(PROCESS, purpose), instance.certificate(PROCESS, purpose)
    return Held(purpose, where or _within(instance, key), _within(instance, place), pinned.read(place))


def _stands(one: x509.Certificate, present: x509.Certificate, at: datetime) -> str:
    if one == present:
        return "present"
    return "following" if one.not_valid_before_utc > at else "former"


def _within(instance: Instance, path: Path) -> str:
    return str(path.relative_to(instance.home))
