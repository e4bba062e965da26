"""The keys of the channel: read once, by the one process that may."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from senim.asoi import pinned
from senim.asoi.errors import NotSealable
from senim.asoi.internal.token import token_key
from senim.asoi.pinned import Certificates
from senim.asoi.settings import asoi_settings
from senim.kit.crypto import keys
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.instance import Instance

PROCESS = "asoi"
MESSAGE_SIGNING, RECEIPT_DECRYPTION, CLIENT_TLS = "message-signing", "receipt-decryption", "client-tls"


@dataclass(frozen=True)
class Credentials:
    """Our signing and decryption keys with their certificates, and the regulator's pinned certificates.

    The signing key is one that lies in a file, or one that signs on a token and cannot be read.
    """

    signing_key: ec.EllipticCurvePrivateKey
    signing: Certificates
    receipt_key: rsa.RSAPrivateKey
    receipt: Certificates
    regulator_signing: Certificates
    regulator_encryption: Certificates

    @property
    def recipient_is_stand_in(self) -> bool:
        """Whether what we seal reaches a stand-in only."""
        return all(map(is_of_demonstration, (*self.regulator_encryption, *self.regulator_signing)))

    @classmethod
    def load(cls, instance: Instance) -> "Credentials":
        """Read them all; a token is not asked yet.

        Raises `NotSealable` naming the file that is missing or wrong, `ExposedFile`, `BadSettings`.
        """
        signing, wanted = own_certificates(instance, MESSAGE_SIGNING), asoi_settings(instance).signing
        signing_key = (
            token_key(instance, wanted, signing[0].public_key()) if wanted else _key(instance, MESSAGE_SIGNING)
        )
        receipt_key = _key(instance, RECEIPT_DECRYPTION)
        if not isinstance(signing_key, ec.EllipticCurvePrivateKey) or not isinstance(receipt_key, rsa.RSAPrivateKey):
            raise NotSealable("message signing needs an EC key, receipt decryption an RSA key")
        return cls(
            signing_key,
            signing,
            receipt_key,
            own_certificates(instance, RECEIPT_DECRYPTION),
            pinned.certificates(instance, pinned.SIGNING),
            pinned.certificates(instance, pinned.ENCRYPTION),
        )


def own_certificates(instance: Instance, purpose: str) -> Certificates:
    """Our certificates for `purpose`. Raises `CertificateUnreadable`."""
    return pinned.read(instance.certificate(PROCESS, purpose))


def _key(instance: Instance, purpose: str) -> keys.PrivateKey:
    path = instance.key(PROCESS, purpose)
    try:
        return keys.read(path)
    except (FileNotFoundError, ValueError) as error:
        raise NotSealable(f"{path.relative_to(instance.home)}: {error}") from error
