"""The pinned host key of the regulator's SFTP server: given to the bureau by hand, never learned from a connection.

The file holds public keys as `ssh-keygen` writes them, a line each, and nothing that a `known_hosts` may hold besides:
no names, no wildcards, no authorities.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from senim.asoi.errors import HostKeyMissing
from senim.kit.instance import Instance

ALIAS = "regulator"
"""What the server is called in the file that the program is given: it has no other, and no address finds it."""
_SMALLEST_RSA = 3072
_SIGNATURES = {
    "ssh-ed25519": "ssh-ed25519",
    "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
    "ssh-rsa": "rsa-sha2-512,rsa-sha2-256",
}
"""Kinds of keys that may be pinned, and the signatures that each may give: none with SHA-1."""


def host_key_file(instance: Instance) -> Path:
    """Where the pinned host keys lie."""
    return instance.trust("regulator/signing").with_name("sftp-host.pub")


def host_keys(instance: Instance) -> tuple[str, ...]:
    """The pinned keys, each as `KIND BASE64`. Raises `HostKeyMissing` where there is none, or one that is not good."""
    path = host_key_file(instance)
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        found = tuple(_keys(lines))
    except (OSError, ValueError) as error:
        raise HostKeyMissing(f"{path}: {error}") from error
    if not found:
        raise HostKeyMissing(f"{path}")
    return found


def known_hosts(keys: tuple[str, ...]) -> str:
    """The file that `ssh` is given: these keys under our own name for the server."""
    return "".join(f"{ALIAS} {key}\n" for key in keys)


def signatures(keys: tuple[str, ...]) -> str:
    """By which signatures the server may show that it has one of these keys."""
    return ",".join(dict.fromkeys(_SIGNATURES[key.partition(" ")[0]] for key in keys))


def _keys(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if line.strip() and not line.startswith("#"):
            kind, encoded = (*line.split(), "")[:2]
            yield _good(kind, encoded)


def _good(kind: str, encoded: str) -> str:
    if kind not in _SIGNATURES:
        raise ValueError(f"{kind[:40]!r}")
    key = load_ssh_public_key(f"{kind} {encoded}".encode())
    # R228/81: non-modification and confidentiality on the way rest on knowing who is at its other end.
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SMALLEST_RSA:
        raise ValueError(f"RSA {key.key_size}")
    return f"{kind} {encoded}"
