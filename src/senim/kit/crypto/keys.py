"""Private keys at rest: made where they are used, PKCS#8, mode 0600, one reader each."""

from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from senim.kit.files import private_folder, read_private, write_private

DEMONSTRATION_POLICY: Final = x509.ObjectIdentifier("2.25.257137428513340519264137210437981265327")
"""Certificate policy (an OID under 2.25, ITU-T X.667) that every certificate of a demonstration carries: production
refuses by this fact, and exercises are refused without it."""

RSA_BITS: Final = 3072
SHA256: Final = hashes.SHA256()
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def new_ec() -> ec.EllipticCurvePrivateKey:
    """A fresh key on P-256: TLS, message signing."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa() -> rsa.RSAPrivateKey:
    """A fresh RSA key: whoever seals for us encrypts to it with OAEP."""
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def new_ed25519() -> ed25519.Ed25519PrivateKey:
    """A fresh Ed25519 key: audit checkpoints."""
    return ed25519.Ed25519PrivateKey.generate()


def store(path: Path, key: PrivateKey) -> None:
    """Write `key` at `path`, unencrypted PKCS#8 PEM, mode 0600, in a folder with mode 0700."""
    private_folder(path.parent)
    form = serialization.PrivateFormat.PKCS8
    write_private(path, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def read(path: Path) -> PrivateKey:
    """The key at `path`. Raises `ExposedFile` where others may read it, `ValueError` for a kind we do not use."""
    key = serialization.load_pem_private_key(read_private(path), password=None)
    if not isinstance(key, PrivateKey):
        raise ValueError(f"{path} holds a kind of key that Senim does not use")  # noqa: TRY004 - the file is wrong, not the caller
    return key


def request(key: PrivateKey, *, organisation: str, name: str) -> bytes:
    """A PEM certificate request (PKCS#10) of `key` for `name` of `organisation`."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, digest).public_bytes(_PEM)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of `certificate`, lower-case hexadecimal."""
    return certificate.fingerprint(SHA256).hex()


def public_pem(key: PrivateKey) -> bytes:
    """The public half of `key`, PEM SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def is_of_demonstration(certificate: x509.Certificate) -> bool:
    """Whether a demonstration's CA issued `certificate`, by the policy it carries."""
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return False
    return any(policy.policy_identifier == DEMONSTRATION_POLICY for policy in policies)


_PEM = serialization.Encoding.PEM
