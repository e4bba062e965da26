"""Sealing: what is queued is signed and encrypted, once.

Clauses: R228/81 (guaranteed delivery, confidentiality, non-modification).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from senim.asoi.internal.content import compose
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.outbox import SENDER, facts_of, locked_all, refused_as_exercise
from senim.asoi.models import Message
from senim.asoi.pinned import present
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Act
from senim.kit import canonical
from senim.kit.bureau import Bureau
from senim.kit.clock import now
from senim.kit.crypto import cms
from senim.kit.crypto.token_refusals import TokenRefused

TOGETHER_FOR = 0.1
"""Seconds after which nothing more is added to what commits together: a slow token holds up nobody who is sealed."""

_COLUMNS = ("pk", "content", "signed", "sealed", "sha256", "sealed_at")
_ROW = "(%s::uuid, %s::bytea, %s::bytea, %s::bytea, %s, %s::timestamptz)"
_WRITE = """
UPDATE asoi_message SET state = %s, tries = 0, content = new.content, signed = new.signed, sealed = new.sealed,
    sha256 = new.sha256, sealed_at = new.sealed_at
FROM (VALUES {rows}) AS new (id, content, signed, sealed, sha256, sealed_at)
WHERE asoi_message.id = new.id
"""


@dataclass
class Sealed:
    """What came of sealing several messages."""

    messages: list[Message] = field(default_factory=list)
    """Those that are sealed now."""
    refused: Message | None = None
    """The one at which it ended, because it could not be sealed."""
    refusal: cms.CertificateNotGood | TokenRefused | None = None


def seal(
    pks: Sequence[UUID], credentials: Credentials, *, sender: Bureau, recipient: str, checkpoint: str | None
) -> Sealed:
    """Sign and encrypt the queued messages `pks`, in one transaction: every later try and export uses these bytes.

    What is no longer queued is left as it is; an exercise for a real regulator becomes refused. It ends early, and what
    is left stays queued, after a while, and at the first message that cannot be sealed: where a certificate of ours or
    the regulator's does not allow it, or where the key is on a token that does not sign.
    """
    ends, done = time.monotonic() + TOGETHER_FOR, Sealed()
    with transaction.atomic():
        for message in locked_all(pks):
            if message.state != Message.State.QUEUED or refused_as_exercise(message, credentials):
                continue
            try:
                _seal(message, credentials, sender=sender, recipient=recipient, checkpoint=checkpoint)
            except (cms.CertificateNotGood, TokenRefused) as refusal:
                done.refused, done.refusal = message, refusal
                break
            done.messages.append(message)
            if time.monotonic() > ends:
                break
        _write(done.messages)
        acts = [Act(message.subject, facts_of(message)) for message in done.messages]
        audit.record_all(SENDER, AuditAction.ASOI_MESSAGE_SEALED, acts)
    return done


def _seal(
    message: Message, credentials: Credentials, *, sender: Bureau, recipient: str, checkpoint: str | None
) -> None:
    """Raises `cms.CertificateNotGood`, `TokenRefused`."""
    sealed_at = now()
    signing, theirs = (present(whose, sealed_at) for whose in (credentials.signing, credentials.regulator_encryption))
    cms.require_good(signing, sealed_at, for_use="signing")
    cms.require_good(theirs, sealed_at, for_use="encryption")
    message.content = compose(message, sender=sender, recipient=recipient, checkpoint=checkpoint)
    message.signed = cms.sign(message.content, credentials.signing_key, signing)
    # R228/81: non-modification (the bureau's signature is inside), confidentiality (only the regulator opens it).
    message.sealed = cms.encrypt(message.signed, theirs)
    message.sha256 = canonical.sha256(message.content)
    message.sealed_at = sealed_at


def _write(messages: Sequence[Message]) -> None:
    """All of them in one statement: each waits for the database once, however many they are."""
    if not messages:
        return
    for message in messages:
        message.state, message.tries = Message.State.SEALED, 0
    values = [getattr(message, name) for message in messages for name in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(rows=", ".join([_ROW] * len(messages))), [Message.State.SEALED, *values])
