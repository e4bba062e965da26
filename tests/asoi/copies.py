"""Copies of an instance's folder, to be changed by one test, and certificates that no demonstration's CA issued."""

import shutil
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from senim.kit.crypto import keys
from senim.kit.instance import Instance
from tests.kit.certificates import Identity

REGULATORS = ("signing", "encryption")


def copy_of(instance: Instance, folder: Path) -> Instance:
    """The same settings, keys and certificates in `folder`, the stand-in regulator's keys among them."""
    folder.mkdir(exist_ok=True)
    for name in ("keys", "trust", "stand_ins"):
        shutil.copytree(instance.home / name, folder / name)
    shutil.copy(instance.home / "senim.toml", folder)
    return Instance.load(folder)


def pin_real(instance: Instance, *purposes: str) -> None:
    """Let the regulator's pinned certificates (both, or those for `purposes`) be real, of the same keys."""
    for purpose in purposes or REGULATORS:
        certify_real(
            instance.home / "stand_ins" / "asoi" / f"{purpose}.key", purpose, instance.trust(f"regulator/{purpose}")
        )


def certify_real(key: Path, usage: str, certificate: Path) -> None:
    """A certificate for the key at `key` that no demonstration's CA issued."""
    known = keys.read(key)
    assert not isinstance(known, ed25519.Ed25519PrivateKey)
    made = Identity(known, usage).certificate
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
