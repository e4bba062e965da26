"""The keys and certificates in the stand-in's folder, read once at start."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


class NotReady(Exception):
    """Something is missing that the stand-in cannot serve without; the text names it."""


@dataclass(frozen=True)
class Signer:
    """A key and the certificate that names it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def impostor(self) -> "Signer":
        """A fresh key under this signer's names and serial number: all of it but the issuer's signature looks right."""
        key, ours = ec.generate_private_key(ec.SECP256R1()), self.certificate
        builder = (
            x509.CertificateBuilder()
            .subject_name(ours.subject)
            .issuer_name(ours.issuer)
            .serial_number(ours.serial_number)
            .not_valid_before(ours.not_valid_before_utc)
            .not_valid_after(ours.not_valid_after_utc)
            .public_key(key.public_key())
        )
        return Signer(key, builder.sign(key, hashes.SHA256()))


@dataclass(frozen=True)
class Credentials:
    """Who the stand-in is, and whom it knows: one bureau, by its pinned certificates.

    Files hold the present certificate first and former ones behind it, for what was sealed before a renewal.
    """

    signer: Signer
    decryption_key: rsa.RSAPrivateKey
    encryption: tuple[x509.Certificate, ...]
    bureau_signing: tuple[x509.Certificate, ...]
    bureau_receipts: x509.Certificate

    @classmethod
    def load(cls, home: Path) -> "Credentials":
        """What `home` holds. Raises `NotReady`, naming the file."""
        for name in ("tls.key", "tls.crt", "ca.crt"):
            _read(home / name)  # used by the TLS library, which does not name what it misses
        signing_key = _key(home / "signing.key")
        decryption_key = _key(home / "encryption.key")
        if not isinstance(signing_key, ec.EllipticCurvePrivateKey) or not isinstance(decryption_key, rsa.RSAPrivateKey):
            raise NotReady(f"{home}: signing.key must be an EC key and encryption.key an RSA key")
        return cls(
            signer=Signer(signing_key, _certificates(home / "signing.crt")[0]),
            decryption_key=decryption_key,
            encryption=_certificates(home / "encryption.crt"),
            bureau_signing=_certificates(home / "bureau" / "message-signing.crt"),
            bureau_receipts=_certificates(home / "bureau" / "receipt-decryption.crt")[0],
        )


def _key(path: Path) -> object:
    return serialization.load_pem_private_key(_read(path), password=None)


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(_read(path)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotReady(f"{path} is missing: run init, and have the demonstration CA certify the requests") from None
