"""Checking the proof of an incident without the house: neither database nor network is asked.

Clauses: R228/81 (non-modification), R228/81-1.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext as _

from senim.asoi.verification import Proven, Trust, walk_bundle
from senim.audit.errors import ProofRefused
from senim.audit.proof import ConsistencyProof, InclusionProof, check
from senim.incidents.errors import IncidentProofRefused
from senim.incidents.proof import layout
from senim.kit import canonical
from senim.kit.steps import Steps
from senim.kit.unreadable import UNREADABLE

_TOLD = ("asoi:message:sealed", "asoi:receipt:accepted")
"""What the audit log must say of every message."""
Shape = TypeVar("Shape")


class _Message(msgspec.Struct, frozen=True):
    """What the record says of one message."""

    id: str
    sequence: int
    state: str
    sha256: str

    @property
    def subject(self) -> str:
        """How audit rows name it."""
        return f"message:{self.id}"


class Record(msgspec.Struct, frozen=True):
    """What of the record a proof is read by."""

    id: str
    number: str
    messages: tuple[_Message, ...]

    @property
    def subject(self) -> str:
        """How audit rows and messages name it."""
        return f"incident:{self.id}"


def walk(data: bytes, trust: Trust, log: Ed25519PublicKey) -> Steps:
    """The steps by which the proof of an incident is checked, held against certificates and a key of one's own."""
    steps = Steps()
    files = steps.take(
        "files", lambda: layout.unpack(data), lambda found: _("%s files, each with its sum") % len(found)
    )
    if files is None:
        steps.skip("record", "files")
        return steps
    said = steps.take("record", lambda: _record(files), lambda found: _("incident %s") % found.number)
    proven: dict[int, Proven] = {}
    for sequence, bundle in layout.messages_in(files).items():
        walked, found = walk_bundle(bundle, trust)
        steps.include(f"message-{sequence}", walked)
        if found is not None:
            proven[sequence] = found
    if said is None:
        return steps
    steps.take(
        "chain", lambda: _chain(said, proven), lambda found: _("%s messages about it, none missing between") % found
    )
    steps.take("delivered", lambda: _delivered(said, proven), lambda found: _("%s messages have their receipt") % found)
    rows = steps.take("audit-rows", lambda: _rows(files, said, log), lambda found: _("%s rows in the log") % len(found))
    if rows is None:
        steps.skip("audit-witnessed", "audit-rows")
        return steps
    steps.take(
        "audit-told", lambda: _told(rows, said), lambda _found: _("the log says of each message what became of it")
    )
    steps.take(
        "audit-witnessed",
        lambda: _witnessed(files, rows, proven, log),
        lambda found: _("the log of %s rows grew out of what the regulator acknowledged") % found,
    )
    return steps


def _record(files: Mapping[str, bytes]) -> Record:
    try:
        return msgspec.convert(canonical.loads(files[layout.RECORD]), Record)
    except (*UNREADABLE, ValueError, RecursionError) as error:
        raise IncidentProofRefused(_("the record does not read as one: %s") % error) from error


def _chain(said: Record, proven: Mapping[int, Proven]) -> int:
    """All messages are about this incident, and each names the one before it. Raises `IncidentProofRefused`."""
    before = None
    for sequence in sorted(proven):
        message = proven[sequence].message
        told = next((each for each in said.messages if each.sequence == sequence), None)
        if told is None or (message["id"], proven[sequence].sha256) != (told.id, told.sha256):
            raise IncidentProofRefused(_("message %s is not the one in the record") % sequence)
        if (message["about"], message["sequence"]) != (said.subject, sequence):
            raise IncidentProofRefused(_("message %s is about something else") % sequence)
        if sequence - 1 in proven and message["corrects"] != before:
            raise IncidentProofRefused(_("message %s does not name the one before it") % sequence)
        before = message["id"]
    if sorted(proven) != list(range(1, len(proven) + 1)):
        raise IncidentProofRefused(_("a message is missing between others"))
    return len(proven)


def _delivered(said: Record, proven: Mapping[int, Proven]) -> int:
    """Every message in the record has its proof here. Raises `IncidentProofRefused`."""
    missing = [str(each.sequence) for each in said.messages if each.sequence not in proven]
    if missing or not said.messages:
        raise IncidentProofRefused(_("without proof of their receipt: messages %s") % (", ".join(missing) or "—"))
    return len(proven)


def _rows(files: Mapping[str, bytes], said: Record, log: Ed25519PublicKey) -> list[InclusionProof]:
    """Rows about the incident and its messages, each in the log at one checkpoint. Raises what `check` raises."""
    proofs = _decoded(files[layout.ROWS], list[InclusionProof])
    subjects = {said.subject, *(each.subject for each in said.messages)}
    for proof in proofs:
        check(proof, log)
        if proof.row.get("subject") not in subjects:
            raise ProofRefused(_("a row is about something else"))
    if len({proof.checkpoint for proof in proofs}) != 1:
        raise ProofRefused(_("the rows are not proven at one checkpoint"))
    return proofs


def _told(rows: list[InclusionProof], said: Record) -> int:
    """The log says of each delivered message that it was sealed and its receipt accepted. Raises `ProofRefused`."""
    known = {(row.row["subject"], row.row["action"]) for row in rows}
    expected = [(each, action) for each in said.messages if each.state == "delivered" for action in _TOLD]
    for each, action in expected:
        if (each.subject, action) not in known:
            what = _("the log does not say of message %(number)s: %(what)s")
            raise ProofRefused(what % {"number": each.sequence, "what": action})
    return len(rows)


def _witnessed(
    files: Mapping[str, bytes], rows: list[InclusionProof], proven: Mapping[int, Proven], log: Ed25519PublicKey
) -> int:
    """The rows' log, by its length, begins with the newest log that a receipt here acknowledges.

    Raises `ProofRefused`.
    """
    acknowledged = [note for each in proven.values() if (note := each.message["checkpoint"]) is not None]
    if not acknowledged:
        raise ProofRefused(_("no message here carries a checkpoint of the log"))
    if layout.GROWTH not in files:
        raise ProofRefused(_("the bundle lacks files, or holds others"))
    growth = _decoded(files[layout.GROWTH], ConsistencyProof)
    if growth.earlier != acknowledged[-1] or growth.checkpoint != rows[0].checkpoint:
        raise ProofRefused(_("the growth that is proven is that of another log"))
    return check(growth, log).size


def _decoded(document: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(document, type=shape)
    except (*UNREADABLE, RecursionError) as error:
        raise ProofRefused(str(error)) from error
