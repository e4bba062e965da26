"""How identity keeps what must not be read from the database: factors and sessions, encrypted at rest."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from senim.kit.instance import BadSettings

_KEY_BYTES = 32


@cache
def cipher(purpose: str) -> Fernet:
    """The cipher for `purpose`, its key derived from this process's `factors_key` (HKDF-SHA-256, RFC 5869).

    Raises `BadSettings` in a process that holds no such key: only the console handles factors and sessions.
    """
    secret = settings.SENIM_SECRETS.factors_key
    if not secret:
        raise BadSettings(
            f"the secrets of {settings.SENIM_PROCESS} hold no factors_key: only the console handles factors"
        )
    derived = HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=f"senim.identity.{purpose}".encode())
    return Fernet(urlsafe_b64encode(derived.derive(urlsafe_b64decode(secret))))
