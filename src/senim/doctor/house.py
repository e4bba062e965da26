"""The house as the doctor must know it to examine it from outside; `site` describes it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Door:
    """A listener over TLS."""

    host: str
    port: int
    name: str
    """The name that its certificate must prove."""
    authority: Path
    """Whom its visitors believe."""


@dataclass(frozen=True)
class House:
    """What lies where."""

    door: Door
    private: tuple[Path, ...]
    """Keys and secrets: each must be there, its owner's alone."""
    certificates: tuple[Path, ...]
    """Shown at the doors, and believed."""
    folders: tuple[Path, ...]
    """Where the house writes."""
    noted: Path
    """Where the supervisor notes which processes it keeps running."""
