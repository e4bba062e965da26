"""The key that signs checkpoints: its private half is the sealer's alone, its public half lies under `trust/`."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.audit.errors import CannotVerify
from senim.audit.internal.note import Signer, Verifier
from senim.kit import identification_number
from senim.kit.bureau import bureau
from senim.kit.crypto import keys
from senim.kit.instance import BadSettings, Instance


def origin(instance: Instance) -> str:
    """The name of this bureau's log and of its key: `senim/BIN/audit`.

    Raises `BadSettings` where senim.toml names no valid BIN: a checkpoint of nobody proves nothing.
    """
    number = bureau(instance).bin
    if not identification_number.is_valid(number):
        nobody = _("{home}/senim.toml, table [bureau]: bin = {number} is no BIN")
        raise BadSettings(format_lazy(nobody, home=instance.home, number=repr(number)))
    return f"senim/{number}/audit"


def signer(instance: Instance) -> Signer:
    """The sealer's key. Raises `ExposedFile` where others may read it, `BadSettings` where it is of another kind."""
    path = instance.key("sealer", "checkpoint")
    key = keys.read(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(format_lazy(_("{path} is not an Ed25519 key"), path=path))
    return Signer(origin(instance), key)


def public_key_file(instance: Instance) -> Path:
    """Where the public half lies. An auditor keeps a copy of his own."""
    return instance.home / "trust" / "checkpoint.pub"


def public_key(path: Path) -> Ed25519PublicKey:
    """The Ed25519 key at `path` (PEM). Raises `CannotVerify` where there is none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CannotVerify(f"{path}: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CannotVerify(f"{path}: Ed25519")
    return key


def verifier(instance: Instance, key: Path | None = None) -> Verifier:
    """What checks this bureau's checkpoints, by the key at `key` (else the instance's own copy).

    Raises `CannotVerify`, `BadSettings`.
    """
    return Verifier(origin(instance), public_key(key or public_key_file(instance)))
