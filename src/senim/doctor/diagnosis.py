"""Asking checks, and what they answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils.translation import gettext as _

from senim.kit.checks import Asked, Check, Fault
from senim.kit.problems import Problem


@dataclass(frozen=True)
class Result:
    """What one check answered."""

    check: Check
    faults: tuple[Fault, ...]
    remark: str = ""
    """What should be known although all is well."""

    @property
    def ok(self) -> bool:
        """Whether it was made and all was well."""
        return not self.faults

    @property
    def is_known(self) -> bool:
        """Whether it could be made."""
        return all(fault.is_known for fault in self.faults)

    @property
    def reason(self) -> str:
        """What is true, or everything that speaks against it, each with what to do."""
        return " ".join(map(str, self.faults)) or f"{self.check.good} {self.remark}".strip()


def examine(checks: Iterable[Check], asked: Asked) -> Iterator[Result]:
    """Ask each of `checks`, in their order. One that could not be asked to its end is not well: it says why."""
    for check in checks:
        faults = tuple(_asked(check, asked))
        yield Result(check, faults, "" if faults or check.remark is None else str(check.remark(asked)))


def _asked(check: Check, asked: Asked) -> Iterator[Fault]:
    try:
        yield from check.find(asked)
    except (DatabaseError, OSError, Problem) as failure:
        yield unchecked(str(failure).strip())


def unchecked(why: object) -> Fault:
    """Nothing can be said, and why."""
    return Fault(_("This could not be checked: %(why)s") % {"why": why}, is_known=False)
