"""The program's own TLS key: made here, kept here."""

import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stand_ins.payments.refusal import NotReady

_PEM = serialization.Encoding.PEM


def init(home: Path) -> None:
    """Make the key and its certificate request in `home`, where there is none."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)
    path = home / "tls.key"
    if path.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Payments stand-in (not for production)")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    (home / "tls.csr").write_bytes(request.public_bytes(_PEM))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def server_context(home: Path) -> ssl.SSLContext:
    """TLS 1.2 at least, with the program's certificate. Raises `NotReady` where it has none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(home / "tls.crt", home / "tls.key")
    except FileNotFoundError:
        raise NotReady(f"{home} has no certificate: have the demonstration CA certify tls.csr") from None
    return context
