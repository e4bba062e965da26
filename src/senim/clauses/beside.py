"""Duties of other laws on the same facts, as data (`beside.toml`): another authority hears of them."""

from functools import cache
from importlib.resources import files

import msgspec

from senim.clauses.errors import UnknownClause
from senim.clauses.figures import WorkingDays
from senim.clauses.model import Text


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One duty, by the number under which its law lays it down."""

    id: str
    title: Text
    says: Text
    figures: dict[str, WorkingDays]


class _Duties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    duties: tuple[Duty, ...]


def duty(number: str) -> Duty:
    """The duty cited as `number`. Raises `UnknownClause` with the number."""
    found = next((each for each in _duties() if each.id == number), None)
    if found is None:
        raise UnknownClause(f"no duty {number} stands beside the regulation")
    return found


@cache
def _duties() -> tuple[Duty, ...]:
    return msgspec.toml.decode((files("senim.clauses") / "beside.toml").read_bytes(), type=_Duties).duties
