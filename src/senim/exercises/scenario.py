"""What an exercise plays: a scenario, which attacks for real, and its harmless twins, which must raise nothing.

A scenario knows the house as somebody at this machine does: by its settings, its doors' addresses and the files that
its sources follow. It wears the marker that the console gave for it in everything it touches (`kit.marker`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from senim.exercises.console import ConsoleClient
from senim.exercises.errors import NotPlayed
from senim.kit.instance import Instance
from senim.telemetry.settings import Door, telemetry_settings


@dataclass(frozen=True)
class Stage:
    """Where a scenario plays."""

    instance: Instance
    console: ConsoleClient | None = None
    """The console's door, signed in as an administrator: for what a person announces before it happens."""

    def log_of(self, source: str) -> Path:
        """The file that the source `source` follows. Raises `NotPlayed` where senim.toml names no such source."""
        for each in telemetry_settings(self.instance).sources:
            if each.name == source:
                return Path(each.path)
        missing = _("senim.toml names no source called {name}: the exercise has no log to write to")
        raise NotPlayed(missing.format(name=source))

    def door(self, name: str) -> Door:
        """The door `name` whose load is measured. Raises `NotPlayed` where senim.toml names no such door."""
        for each in telemetry_settings(self.instance).doors:
            if each.source == name:
                return each
        missing = _("senim.toml names no door called {name}: the exercise has nothing to attack")
        raise NotPlayed(missing.format(name=name))


@dataclass(frozen=True)
class Played:
    """What was done."""

    real: bool = True
    """Whether a real program wrote what the house reads."""
    note: str = ""
    """Why not, where it was not."""
    warnings: int = 0
    """Of a near miss: how many alerts are right all the same, because they only call a person before the limit."""
    quiet: float = 0.0
    """Of a near miss: seconds after which whatever a rule waits for has been decided."""


class Scenario(Protocol):
    """One thing that is played; a class of its own in the folder of its kind."""

    @property
    def kind(self) -> int:
        """The item of R228/81-1."""
        ...

    @property
    def name(self) -> str:
        """Short, stable, for reports: `sshd`."""
        ...

    @property
    def about(self) -> str:
        """What happens, in a few words, for whoever watches."""
        ...

    def play(self, stage: Stage, marker: str) -> Played:
        """Play it, wearing `marker`. Raises `NotPlayed` where it comes to nothing."""
        ...
