"""The keys of the channel: read once, by the one process that may."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from senim.asoi import pinned
from senim.asoi.errors import NotSealable
from senim.kit.crypto import keys
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.instance import Instance

PROCESS = "asoi"
MESSAGE_SIGNING, RECEIPT_DECRYPTION, CLIENT_TLS = "message-signing", "receipt-decryption", "client-tls"


@dataclass(frozen=True)
class Credentials:
    """Our signing and decryption keys with their certificates, and the regulator's pinned certificates."""

    signing_key: ec.EllipticCurvePrivateKey
    signing: x509.Certificate
    receipt_key: rsa.RSAPrivateKey
    receipt: x509.Certificate
    regulator_signing: x509.Certificate
    regulator_encryption: x509.Certificate

    @property
    def recipient_is_stand_in(self) -> bool:
        """Whether what we seal reaches a stand-in only."""
        return is_of_demonstration(self.regulator_encryption) and is_of_demonstration(self.regulator_signing)

    @classmethod
    def load(cls, instance: Instance) -> "Credentials":
        """Read them all. Raises `NotSealable` naming the file that is missing or wrong, `ExposedFile`."""
        signing_key = _key(instance, MESSAGE_SIGNING)
        receipt_key = _key(instance, RECEIPT_DECRYPTION)
        if not isinstance(signing_key, ec.EllipticCurvePrivateKey) or not isinstance(receipt_key, rsa.RSAPrivateKey):
            raise NotSealable("message signing needs an EC key, receipt decryption an RSA key")
        return cls(
            signing_key,
            own_certificate(instance, MESSAGE_SIGNING),
            receipt_key,
            own_certificate(instance, RECEIPT_DECRYPTION),
            pinned.certificate(instance, pinned.SIGNING),
            pinned.certificate(instance, pinned.ENCRYPTION),
        )


def own_certificate(instance: Instance, purpose: str) -> x509.Certificate:
    """Our certificate for `purpose`. Raises `NotSealable`."""
    path = instance.certificate(PROCESS, purpose)
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise NotSealable(f"{path.relative_to(instance.home)}: {error}") from error


def _key(instance: Instance, purpose: str) -> keys.PrivateKey:
    path = instance.key(PROCESS, purpose)
    try:
        return keys.read(path)
    except (FileNotFoundError, ValueError) as error:
        raise NotSealable(f"{path.relative_to(instance.home)}: {error}") from error
