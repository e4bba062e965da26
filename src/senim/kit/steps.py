"""A check that goes step by step and says of each whether it held: nothing that was not checked counts as held."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from senim.kit.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One step."""

    name: str
    """Stable; what a program may rely on."""
    ok: bool
    detail: str
    """What was seen, or why it does not hold, for a person."""


class Steps:
    """Steps as they are taken, in their order."""

    def __init__(self) -> None:
        self._taken: list[Step] = []

    def take(self, name: str, work: Callable[[], T], said: Callable[[T], str]) -> T | None:
        """Do `work` and note how it went: `said` what it found, or why it was refused; None where it was."""
        try:
            found = work()
        except Problem as refusal:
            self._taken.append(Step(name, ok=False, detail=str(refusal.detail or refusal.title)))
            return None
        self._taken.append(Step(name, ok=True, detail=said(found)))
        return found

    def skip(self, name: str, because: str) -> None:
        """Note that step `name` could not be taken because the step `because` did not hold."""
        self._taken.append(Step(name, ok=False, detail=_("not checked, because “%s” did not hold") % because))

    def include(self, prefix: str, others: "Steps") -> None:
        """Note the steps of a part, each by its name behind `prefix`."""
        self._taken += [Step(f"{prefix}/{one.name}", one.ok, one.detail) for one in others]

    def __iter__(self) -> Iterator[Step]:
        return iter(self._taken)

    @property
    def ok(self) -> bool:
        """Whether there were steps and every one of them held."""
        return bool(self._taken) and all(step.ok for step in self._taken)
