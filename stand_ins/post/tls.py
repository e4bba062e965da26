"""Keys and TLS of the three ways: one certificate, 1.2 at least."""

import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


def init(home: Path) -> None:
    """Make the key and its certificate request where there are none."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / "tls.key"
    if path.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Post stand-in (not for production)")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    (home / "tls.csr").write_bytes(request.public_bytes(serialization.Encoding.PEM))
    path.touch(mode=0o600)
    plain = serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))


def server_context(home: Path) -> ssl.SSLContext:
    """TLS as the stand-in. Raises `OSError` where certificate or key is missing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(home / "tls.crt", home / "tls.key")
    return context
