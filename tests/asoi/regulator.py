"""A regulator in the test's own process: opens what it is sent, answers with a receipt, and can be told to be odd."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from cryptography import x509

from senim.asoi import pinned
from senim.asoi.internal.credentials import MESSAGE_SIGNING, RECEIPT_DECRYPTION, own_certificates
from senim.kit import canonical
from senim.kit.clock import iso, now
from senim.kit.crypto import cms, keys
from senim.kit.instance import Instance

Content = dict[str, object]


@dataclass
class Regulator:
    """Implements `Adapter`."""

    instance: Instance
    received: list[tuple[UUID, bytes]] = field(default_factory=list)
    fails_with: Exception | None = None
    twists: Callable[[Content], Content] = dict
    """What it makes of a receipt's content before signing."""
    signs_with: tuple[keys.PrivateKey, x509.Certificate] | None = None
    answers: bytes | None = None

    def send(self, message: UUID, sealed: bytes) -> bytes:
        self.received.append((message, sealed))
        if self.fails_with is not None:
            raise self.fails_with
        return self.answers if self.answers is not None else self.receipt(self.open(sealed))

    def close(self) -> None:
        """Nothing is kept."""

    def key(self, purpose: str) -> keys.PrivateKey:
        return keys.read(self.instance.home / "stand_ins" / "asoi" / f"{purpose}.key")

    def open(self, sealed: bytes) -> bytes:
        ours = pinned.certificates(self.instance, pinned.ENCRYPTION)
        signed = cms.decrypt(sealed, self.key("encryption"), ours)
        return cms.verify(signed, trusted=own_certificates(self.instance, MESSAGE_SIGNING), at=now()).content

    def receipt(self, content: bytes) -> bytes:
        says = self.twists(
            {
                "version": 1,
                "message": canonical.loads(content)["id"],
                "sha256": canonical.sha256(content),
                "received_at": iso(now()),
                "status": "accepted",
            }
        )
        present, *_former = pinned.certificates(self.instance, pinned.SIGNING)
        key, certificate = self.signs_with or (self.key("signing"), present)
        signed = cms.sign(canonical.dumps(says), key, certificate)
        return cms.encrypt(signed, own_certificates(self.instance, RECEIPT_DECRYPTION)[0])
