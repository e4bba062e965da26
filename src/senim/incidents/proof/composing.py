"""Making the proof of an incident from the record, the outbox and the audit log.

Clauses: R228/81, R228/81-1.
"""

from datetime import UTC
from pathlib import Path

import msgspec
from django.conf import settings

from senim.asoi import queries as asoi
from senim.asoi.bundle import READMES
from senim.asoi.models import Message
from senim.audit import log_key
from senim.audit import queries as audit
from senim.incidents import record
from senim.incidents.models import Incident
from senim.incidents.proof import layout
from senim.kit import archive, canonical

_TEXTS = Path(__file__).parent / "readme"


def proof_of(incident: Incident) -> bytes:
    """The zip for `incident` as it stands; a message without a receipt is named in the record and has no bundle.

    Outside any transaction, so that everything of the audit log is read at one moment. Raises `NotSealed` of the audit
    room while the sealer has not come round, `CannotVerify` where the log contradicts itself, `ProofRefused` where what
    is stored of a message can prove nothing any more.
    """
    messages = asoi.messages_about(incident.subject)
    delivered = [each for each in messages if each.state == Message.State.DELIVERED]
    files = {
        layout.RECORD: canonical.dumps(record.whole(incident, with_notes=False)),
        layout.LOG_KEY: log_key.public_key_file(settings.SENIM_INSTANCE).read_bytes(),
        **{layout.message_file(each.sequence): asoi.proof_bundle(each) for each in delivered},
        **_of_the_log(incident, messages, delivered),
        layout.CHECK: (_TEXTS / "check_rows.txt").read_bytes(),
        **{name: (_TEXTS / name).read_bytes() for name in READMES},
    }
    return archive.pack(files, incident.opened_at.astimezone(UTC).timetuple()[:6])


def _of_the_log(incident: Incident, messages: list[Message], delivered: list[Message]) -> dict[str, bytes]:
    """Each audit row about incident and messages with its place, and that the log grew out of what was acknowledged."""
    subjects = [incident.subject, *(each.subject for each in messages)]
    rows = [row.pk for subject in subjects for row in audit.rows(subject=subject).order_by("at", "id")]
    witnessed = [note for each in delivered if (note := asoi.checkpoint_in(each)) is not None]
    verifier = log_key.verifier(settings.SENIM_INSTANCE)
    proofs, growth = audit.evidence(rows, earlier=witnessed[-1] if witnessed else None, log=verifier)
    files = {layout.ROWS: msgspec.json.encode(proofs)}
    return {**files, layout.GROWTH: msgspec.json.encode(growth)} if growth else files
