"""Steps of containment: a short checklist for each of the six kinds. The steps are data (`steps.toml`), not code."""

from functools import cache
from pathlib import Path

import msgspec

from senim.clauses.model import Text
from senim.incidents.kinds import IncidentKind

_FILE = Path(__file__).with_name("steps.toml")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do."""

    code: str
    """Stable; what a tick names."""
    text: Text


class _Checklists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    kind: dict[str, tuple[Step, ...]]


def steps_for(kind: int) -> tuple[Step, ...]:
    """What is to be done about an incident of `kind`, in this order."""
    return _checklists()[IncidentKind(kind)]


@cache
def _checklists() -> dict[IncidentKind, tuple[Step, ...]]:
    said = msgspec.toml.decode(_FILE.read_bytes(), type=_Checklists)
    return {kind: said.kind[str(kind.value)] for kind in IncidentKind}
