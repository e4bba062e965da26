"""What a room can say about its own good order: at the start (`Finding`), and whenever somebody asks (`Check`).

Start-up asks what forbids to run. A check is asked again and again while the house runs, by the console, by the worker
that wakes people and by `senim doctor`: one set of checks for all three (`doctor.collection`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from senim.kit.instance import Instance
from senim.kit.problems import Text

PATIENCE = timedelta(seconds=10)
"""Our choice: every step from a line to a sealed message takes about a second; what waits longer stands still."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be when an instance starts."""

    name: str
    """Stable, `room:what`."""
    reason: Text
    """What is wrong and what to do, for a person (lazy gettext)."""


@dataclass(frozen=True)
class Asked:
    """What a check is asked about: an instance at a moment."""

    instance: Instance
    now: datetime

    @property
    def before(self) -> datetime:
        """What has waited since before this moment stands still."""
        return self.now - PATIENCE


@dataclass(frozen=True)
class Fault:
    """Something that speaks against good order, or of which nobody knows whether it does."""

    what: Text
    remedy: Text = ""
    """What to do."""
    is_known: bool = True
    """False: this could not be checked, so nothing can be said about it."""
    subject: str = ""
    """The name of the one source or service that it speaks of; empty where it is none or several."""

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}." if self.remedy else f"{self.what}."


@dataclass(frozen=True)
class Check:
    """One question about good order. It is asked every time anew, and no answer of before is kept."""

    name: str
    """Stable, `room:what`."""
    about: Text
    """What it asks about: two or three words."""
    good: Text
    """What is true where nothing was found: a sentence."""
    find: Callable[[Asked], Iterable[Fault]]
    """What speaks against it; nothing where the check was made and all was well."""
    wakes: timedelta | None = None
    """How long a fault lasts before a person is woken for it; None: it can wait until somebody looks."""
    remark: Callable[[Asked], Text] | None = None
    """What should be known and speaks against nothing, said beside a good answer; empty where there is nothing."""
