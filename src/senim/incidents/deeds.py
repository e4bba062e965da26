"""What a person can do with an incident, each deed with what it needs to be carried out.

Clauses: R228/81-1: every one of them is told to the regulator as an update of the incident.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from senim.incidents.assessment import Assessment

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class _Deed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="deed"):
    """Its name stands under `deed`."""

    @property
    def name(self) -> str:
        """Stable, for audit rows and words."""
        return name_of(type(self))


def name_of(deed: "type[_Deed]") -> str:
    """The stable name of a deed: `withdraw`."""
    return str(deed.__struct_config__.tag)


class Assess(_Deed, frozen=True, tag="assess"):
    """How grave it is and what it touches."""

    said: Assessment
    breach_known_at: datetime | None = None
    """When it was known that the security of personal data was breached; with `Breach.YES` only."""


class Close(_Deed, frozen=True, tag="close"):
    """It is over: why it could happen, and what was done about it."""

    cause: Text
    measures: Text


class Downtime(_Deed, frozen=True, tag="downtime"):
    """How long information systems were down for it."""

    began: datetime
    ended: datetime


class Merge(_Deed, frozen=True, tag="merge"):
    """It is part of the incident `into`, which takes its alerts."""

    into: UUID


class Regrade(_Deed, frozen=True, tag="regrade"):
    """It is of another kind than it was graded as."""

    kind: Annotated[int, msgspec.Meta(ge=1, le=6)]


class Reinstate(_Deed, frozen=True, tag="reinstate"):
    """It was withdrawn, and is an incident after all."""


class Split(_Deed, frozen=True, tag="split"):
    """These of its alerts are an incident of their own."""

    alerts: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1)]


class Withdraw(_Deed, frozen=True, tag="withdraw"):
    """It was none."""


Deed = Assess | Close | Downtime | Merge | Regrade | Reinstate | Split | Withdraw


def written(deed: Deed) -> dict[str, Any]:
    """`deed` as JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(deed)
    return plain


def read(plain: dict[str, Any]) -> Deed:
    """The deed that `plain` says. Raises `msgspec.ValidationError`."""
    deed: Deed = msgspec.convert(plain, Deed)
    return deed
