"""The bank's own keys: one as a server, one as a client of ASOI, and one to sign what it has no business to sign.

None opens what it passes on.
"""

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USAGES = {"tls": "tls-server", "client": "tls-client", "signing": "signing"}
"""Each key, and what its certificate is for."""


def init(home: Path) -> None:
    """Make a key and a certificate request for each use in `home`, where there is none."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)
    for name in USAGES:
        path = home / f"{name}.key"
        if not path.exists():
            _make(path, name)


def _make(path: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    called = f"National Bank stand-in {name} (not the bank)"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    path.with_suffix(".csr").write_bytes(request.public_bytes(pem))
