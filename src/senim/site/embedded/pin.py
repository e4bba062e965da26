"""The stream server's certificate: made anew at every start, believed because we put it where processes look.

So whoever takes the server's port while it is away is told nothing: not the secrets of processes, and no line of a log
that it could acknowledge and lose (ADR 0003).
"""

from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from senim.kit.crypto import keys

# A pinned certificate ends with the next start and not by a clock, which may be wrong now: RFC 5280, 4.1.2.5.
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def fresh(host: str) -> tuple[bytes, bytes]:
    """A new key for the server at the address `host` and its certificate, both in PEM."""
    key = keys.new_ec()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Senim embedded stream")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_ALWAYS[0])
        .not_valid_after(_ALWAYS[1])
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret, made.public_bytes(Encoding.PEM)
