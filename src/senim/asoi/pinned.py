"""The regulator's certificates: pinned files, given to the bureau by hand, never learned from a connection."""

from cryptography import x509

from senim.asoi.errors import NotSealable
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.instance import Instance

SIGNING, ENCRYPTION = "regulator/signing", "regulator/encryption"


def certificate(instance: Instance, name: str) -> x509.Certificate:
    """The pinned certificate `name`. Raises `NotSealable` where it is missing or unreadable."""
    path = instance.trust(name)
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise NotSealable(f"{path.relative_to(instance.home)}: {error}") from error


def is_stand_in(instance: Instance) -> bool:
    """Whether everything sealed for the regulator reaches a stand-in only: both pinned certificates say so."""
    return all(is_of_demonstration(certificate(instance, name)) for name in (SIGNING, ENCRYPTION))
