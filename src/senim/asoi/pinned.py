"""Pinned certificates of the regulator and of the time-stamping authority: files, given to the bureau by hand.

They are never learned from a connection. A file holds the present certificate first and former ones behind it: what was
signed, sealed or stamped before a renewal stays provable, each certificate for the time in which it was valid.
"""

from datetime import datetime
from pathlib import Path

from cryptography import x509

from senim.asoi.errors import CertificateUnreadable
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.instance import Instance

SIGNING, ENCRYPTION = "regulator/signing", "regulator/encryption"
TSA = "tsa"


Certificates = tuple[x509.Certificate, ...]
"""Of one owner and purpose: the present one first, former ones behind it."""


def certificates(instance: Instance, name: str) -> Certificates:
    """The pinned certificates `name`. Raises `CertificateUnreadable`."""
    return read(instance.trust(name))


def read(path: Path) -> Certificates:
    """The certificates in the PEM file at `path`. Raises `CertificateUnreadable` where it is missing or has none."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError, x509.InvalidVersion) as error:
        raise CertificateUnreadable(f"{path}: {error}") from error


def present(certificates: Certificates, at: datetime) -> x509.Certificate:
    """The one in use at `at`: the first that is valid then, so that a successor may lie in front before it begins.

    The first of all where none is: whoever uses it refuses it by name.
    """
    valid = (one for one in certificates if one.not_valid_before_utc <= at <= one.not_valid_after_utc)
    return next(valid, certificates[0])


def is_stand_in(instance: Instance) -> bool:
    """Whether everything sealed for the regulator reaches a stand-in only: all pinned certificates say so."""
    pinned = (*certificates(instance, SIGNING), *certificates(instance, ENCRYPTION))
    return all(is_of_demonstration(certificate) for certificate in pinned)
