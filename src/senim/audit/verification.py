"""Does the audit log tell what happened? Everything is recomputed from the rows and held against what was signed.

R228/81 asks that what is submitted cannot be changed afterwards; this is how anybody can see that nothing was. Whoever
holds the sealer's key and the database can rewrite both: against that stand the checkpoints that others keep
(`witnesses`), first of all those that the regulator has received and acknowledged inside our messages.
"""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

import msgspec
from django.utils.translation import gettext as _

from senim.audit.findings import Finding, FindingCode
from senim.audit.internal import tree_head
from senim.audit.internal.claims import Claim
from senim.audit.internal.note import BadNote, Verifier
from senim.audit.internal.streams import StoredCheckpoint, Streams, snapshot
from senim.audit.internal.walk import Walk
from senim.kit.clock import now as clock_now

SEALING_BOUND = timedelta(seconds=60)
"""A row that has waited longer for its seal is a finding. The sealer needs less than a second; the rest is for its
restart."""
MOST_FINDINGS = 1000
"""Findings that a report holds; the others are counted. Unsealed rows likewise."""


class Verdict(StrEnum):
    """What can be said of the log."""

    INTACT = "intact"
    TAMPERED = "tampered"
    UNCHECKED = "unchecked"
    """Nothing shows a change, and something could not be checked."""


class Witness(NamedTuple):
    """A checkpoint that somebody else keeps."""

    source: str
    """Where it comes from, for a person: a file, a message's identifier."""
    note: str
    """Its text."""


class Report(msgspec.Struct, frozen=True):
    """What verification found."""

    verdict: Verdict
    sealed: int
    """Rows in the log."""
    checkpoints: int
    """Own checkpoints, truly signed."""
    witnesses: int
    """Checkpoints of others, truly signed."""
    unsealed: tuple[str, ...]
    """Rows that wait for their seal, by identifier; the first `MOST_FINDINGS`."""
    waiting: int
    """How many wait."""
    findings: tuple[Finding, ...]
    omitted: int
    """Findings past `MOST_FINDINGS`."""


def verify(verifier: Verifier, *, witnesses: Iterable[Witness | Finding] = (), now: datetime | None = None) -> Report:
    """Recompute the log and name every way in which rows, log and checkpoints disagree.

    `verifier` holds the log's public key (`log_key.verifier`); `witnesses` are checkpoints kept elsewhere, or what was
    found where one should be.
    """
    audit = _Audit(verifier, (now or clock_now()) - SEALING_BOUND)
    held = sorted(audit.witnessed(list(witnesses)))
    with snapshot(), ExitStack() as stack:
        return audit.report(Streams(stack), held)


class _Audit:
    """One verification under way."""

    def __init__(self, verifier: Verifier, old: datetime) -> None:
        self._verifier = verifier
        self._old = old
        self._witnesses: list[Finding] = []
        self._forged: list[Finding] = []
        self._unsealed: list[str] = []
        self._checkpoints = self._waiting = 0

    def witnessed(self, witnesses: Iterable[Witness | Finding]) -> Iterator[Claim]:
        """The claims of those witnesses that this log's key signed; the others are refused by name."""
        for witness in witnesses:
            if isinstance(witness, Finding):
                self._witnesses.append(witness)
                continue
            try:
                head = tree_head.read(witness.note, self._verifier)
            except BadNote as error:
                refused = Finding(FindingCode.WITNESS_REFUSED, source=witness.source, reason=str(error))
                self._witnesses.append(refused)
            else:
                yield Claim(head.size, witness.source, head.root)

    def report(self, streams: Streams, held: list[Claim]) -> Report:
        """Read everything once."""
        walk = Walk(streams.nodes(), heapq.merge(self._own(streams.checkpoints()), held))
        found = self._all(walk, streams)
        findings = tuple(islice(found, MOST_FINDINGS))
        omitted = 0
        is_tampered = any(finding.means_tampering for finding in findings)
        for finding in found:
            omitted += 1
            is_tampered = is_tampered or finding.means_tampering
        return Report(
            verdict=_verdict(is_tampered, bool(findings)),
            sealed=walk.passed,
            checkpoints=self._checkpoints,
            witnesses=len(held),
            unsealed=tuple(self._unsealed),
            waiting=self._waiting,
            findings=findings,
            omitted=omitted,
        )

    def _all(self, walk: Walk, streams: Streams) -> Iterator[Finding]:
        yield from walk.along(streams.leaves())
        yield from self._forged
        yield from self._outside(streams)
        yield from self._witnesses

    def _own(self, stored: Iterable[StoredCheckpoint]) -> Iterator[Claim]:
        """The claims of the log's own checkpoints that its key signed."""
        for checkpoint in stored:
            try:
                head = tree_head.read(checkpoint.note, self._verifier)
            except BadNote as error:
                self._forge(checkpoint, str(error))
                continue
            if (head.size, head.root) != (checkpoint.size, checkpoint.root):
                self._forge(checkpoint, _("size and root beside it are not those that were signed"))
                continue
            self._checkpoints += 1
            yield Claim(head.size, "", head.root)

    def _forge(self, checkpoint: StoredCheckpoint, reason: str) -> None:
        self._forged.append(Finding(FindingCode.CHECKPOINT_FORGED, size=checkpoint.size, reason=reason))

    def _outside(self, streams: Streams) -> Iterator[Finding]:
        """Rows that are not in the log: waiting, waiting too long, written past it, gone before they were sealed."""
        for row, is_waiting, is_old in streams.unleaved(old=self._old):
            if not is_waiting:
                yield Finding(FindingCode.ROW_INSERTED, row=row)
                continue
            self._waiting += 1
            if len(self._unsealed) < MOST_FINDINGS:
                self._unsealed.append(row)
            if is_old:
                yield Finding(FindingCode.ROW_OVERDUE, row=row, bound=int(SEALING_BOUND.total_seconds()))
        for row in streams.lost():
            yield Finding(FindingCode.ROW_LOST, row=row)


def _verdict(is_tampered: bool, has_findings: bool) -> Verdict:
    if is_tampered:
        return Verdict.TAMPERED
    return Verdict.UNCHECKED if has_findings else Verdict.INTACT
