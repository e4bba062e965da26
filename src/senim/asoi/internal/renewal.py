"""Keys and certificates that are replaced while the process runs: taken up without a new start.

Looked at are the files' moments and sizes; what changed is read as a whole. While what is there cannot be used (half of
it is written, a certificate is another key's) the former keys and certificates stay in use, and the log says why.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from senim.asoi import pinned
from senim.asoi.errors import NotSealable
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import (
    CLIENT_TLS,
    MESSAGE_SIGNING,
    PROCESS,
    RECEIPT_DECRYPTION,
    Credentials,
)
from senim.kit.clock import now
from senim.kit.files import ExposedFile
from senim.kit.instance import BadSettings, Instance

log = logging.getLogger(__name__)
_Seen = tuple[tuple[int, int] | None, ...]


class Renewing:
    """The channel with the keys and certificates that lie there now."""

    def __init__(self, instance: Instance, channel: Channel) -> None:
        self._instance, self._channel = instance, channel
        self._seen = self._looked_at()

    def channel(self) -> Channel:
        """The channel; another than before where what it reads has changed and can be used."""
        seen = self._looked_at()
        if seen != self._seen:
            self._seen = seen
            self._channel = self._renewed()
        return self._channel

    def close(self) -> None:
        """Let go of what the channel keeps."""
        self._channel.close()

    def _renewed(self) -> Channel:
        try:
            renewed = Channel.of(self._instance)
            _require_pairs(renewed.credentials)
        except (NotSealable, BadSettings, ExposedFile) as refusal:
            log.warning("keys or certificates have changed and cannot be used, the former ones stay: %s", refusal)
            return self._channel
        log.info("keys or certificates have changed and are in use")
        # Connections were made with the former certificate: from now on none of them is used again.
        self._channel.close()
        return renewed

    def _looked_at(self) -> _Seen:
        return tuple(_state(path) for path in self._files())

    def _files(self) -> Iterator[Path]:
        for purpose in (MESSAGE_SIGNING, RECEIPT_DECRYPTION, CLIENT_TLS):
            yield self._instance.key(PROCESS, purpose)
            yield self._instance.certificate(PROCESS, purpose)
        for name in ("ca", pinned.SIGNING, pinned.ENCRYPTION):
            yield self._instance.trust(name)


def _require_pairs(credentials: Credentials) -> None:
    """Be silent where the certificates in use are those of our keys. Raises `NotSealable`."""
    pairs = ((credentials.signing_key, credentials.signing), (credentials.receipt_key, credentials.receipt))
    for key, certificates in pairs:
        if pinned.present(certificates, now()).public_key() != key.public_key():
            raise NotSealable("a certificate belongs to another key")


def _state(path: Path) -> tuple[int, int] | None:
    try:
        known = path.stat()
    except FileNotFoundError:
        return None
    return known.st_mtime_ns, known.st_size
