"""The authority's key and certificate: made here, kept here, shown to nobody."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """A key and the certificate that names it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def load(cls, home: Path) -> "Authority":
        """Who `home` is. Raises `OSError` where key or certificate is missing, `ValueError` where one is another's."""
        key = serialization.load_pem_private_key((home / "signing.key").read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate((home / "signing.crt").read_bytes())
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError(f"{home}: signing.crt is not the certificate of signing.key")
        return cls(key, certificate)

    def impostor(self) -> "Authority":
        """A fresh key that says it is this one's."""
        return Authority(ec.generate_private_key(ec.SECP256R1()), self.certificate)


def init(home: Path) -> None:
    """Make the key and its certificate request in `home` where there are none."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / "signing.key"
    if path.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Time-stamp stand-in (not for production)")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    path.with_suffix(".csr").write_bytes(request.public_bytes(pem))
