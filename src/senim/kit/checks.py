"""What start-up asks of a room: a finding, by name, with what to do about it."""

from dataclasses import dataclass

from senim.kit.problems import Text


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be."""

    name: str
    """Stable, `room:what`."""
    reason: Text
    """What is wrong and what to do, for a person (lazy gettext)."""
