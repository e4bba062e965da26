"""What marked tests did, on which tree: the file that a test run leaves behind (`build/clause-evidence.json`).

Results of several runs on one tree add up, the latest of each test counting; a changed tree starts a new record.
"""

import fcntl
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from senim.compliance.tree import Tree
from senim.kit.files import write_durably
from senim.kit.unreadable import UNREADABLE

RECORD = Path("build", "clause-evidence.json")
VERSION = 1


class Outcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It did not run to its end, which shows nothing."""


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One marked test's latest end."""

    id: str
    """As pytest names it, parameters included."""
    outcome: Outcome
    clauses: tuple[str, ...]
    refusal: bool


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known about one tree."""

    tree: str
    results: tuple[Result, ...]
    version: int = VERSION


def load(tree: Tree) -> Record | None:
    """The record for exactly this tree, or None where there is none (another tree's counts for nothing)."""
    return _read(tree.root / RECORD, tree.fingerprint())


def add(tree: Tree, fingerprint: str, results: Iterable[Result]) -> None:
    """Add `results`, which hold for the tree of `fingerprint`. Runs side by side wait for each other."""
    path = tree.root / RECORD
    path.parent.mkdir(exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = _read(path, fingerprint)
        latest = {result.id: result for result in (*(before.results if before else ()), *results)}
        record = Record(fingerprint, tuple(latest[name] for name in sorted(latest)))
        write_durably(path, msgspec.json.format(msgspec.json.encode(record)))


def _read(path: Path, fingerprint: str) -> Record | None:
    """The record at `path` if it is one of ours for this tree; a damaged or older one shows nothing."""
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (FileNotFoundError, *UNREADABLE):
        return None
    return record if (record.tree, record.version) == (fingerprint, VERSION) else None
