"""What a parser says of a line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Fields = dict[str, str | int | bool]
TimeBasis = Literal["line", "read"]


@dataclass(frozen=True)
class Observed:
    """One line, understood as far as it can be."""

    at: datetime
    """When it happened, in UTC."""
    time_basis: TimeBasis
    """Where `at` comes from: the line itself, or the moment the collector read it."""
    fields: Fields
    """What rules look at."""
    text: str
    """The line for people: undecodable and control bytes are shown as escapes."""


OTHER = "other"
"""The action of a line that says nothing a rule could use."""


def readable(data: bytes) -> str:
    """`data` for people and rules: never raises, never carries a control character to a terminal or a page."""
    text = data.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
