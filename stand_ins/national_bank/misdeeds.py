"""What a carrier should never do to what it carries, done on request."""

from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from stand_ins.asoi import receipt
from stand_ins.asoi.clock import now
from stand_ins.asoi.cms.envelope import seal_envelope
from stand_ins.asoi.cms.signature import sign
from stand_ins.asoi.credentials import NotReady, Signer


def changed(data: bytes) -> bytes:
    """`data` with its middle byte changed."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def own_receipt(home: Path, named: str, sealed: bytes) -> bytes:
    """A receipt for the message that its carrier `named`, signed by the bank and sealed to the bureau.

    It names the digest of the sealed bytes: that of what is inside the bank does not know. Raises `ValueError` where
    `named` is no identifier, `NotReady` where the bank is not furnished for it.
    """
    said = receipt.content(UUID(named), sha256(sealed).hexdigest(), now())
    bureau = _certificate(home / "bureau" / "receipt-decryption.crt")
    return seal_envelope(sign(said, _signer(home)), bureau)


def _signer(home: Path) -> Signer:
    key = load_pem_private_key((home / "signing.key").read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NotReady(f"{home}: signing.key must be an EC key")
    return Signer(key, _certificate(home / "signing.crt"))


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]
