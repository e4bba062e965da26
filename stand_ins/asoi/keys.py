"""The stand-in regulator's own keys: made here, kept here, shown to nobody."""

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PURPOSES = ("tls", "signing", "encryption")


def init(home: Path) -> None:
    """Make a key and a certificate request for each purpose in `home`, where there is none."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)
    for purpose in PURPOSES:
        path = home / f"{purpose}.key"
        if not path.exists():
            _make(path, purpose)


def _make(path: Path, purpose: str) -> None:
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = (
        rsa.generate_private_key(public_exponent=65537, key_size=3072)
        if purpose == "encryption"
        else ec.generate_private_key(ec.SECP256R1())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ASOI stand-in (not the regulator)"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"ASOI stand-in {purpose}"),
        ]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    path.with_suffix(".csr").write_bytes(request.public_bytes(pem))
