"""Sealing: CMS SignedData by one signer, CMS AuthEnvelopedData for one recipient (RFC 5652, 5083, 5084).

Sign first, then encrypt: the signature stays provable to third parties after the envelope is gone. SHA-256 only; EC
P-256 or RSA signatures; RSAES-OAEP with SHA-256 in both places; AES-256-GCM with a 16-byte tag; DER only (`cms_forms`).
Nothing here returns a yes or no: what is refused raises.

`cms_signature` and `cms_envelope` do the work; this is what others import.
"""

from senim.kit.crypto.cms_envelope import decrypt, encrypt, is_enveloped
from senim.kit.crypto.cms_refusals import (
    AlgorithmNotAllowed,
    CannotOpen,
    CertificateNotGood,
    ContentChanged,
    NotSignedData,
    NotTheSigner,
    SealRefused,
    SignatureWrong,
)
from senim.kit.crypto.cms_signature import Signed, enclosed_certificate, require_good, sign, verify

__all__ = [
    "AlgorithmNotAllowed",
    "CannotOpen",
    "CertificateNotGood",
    "ContentChanged",
    "NotSignedData",
    "NotTheSigner",
    "SealRefused",
    "SignatureWrong",
    "Signed",
    "decrypt",
    "enclosed_certificate",
    "encrypt",
    "is_enveloped",
    "require_good",
    "sign",
    "verify",
]
