"""Numbers that name a person or an account are taken out of lines before anything keeps, sends or shows them.

The journals of payment systems tell whom money is for by names of their own (`parsers.payments`). Where a line holds
an account number, a bank card's or an IIN all the same, the collector masks it and names the flaw: nobody finds it
here, and whoever looks at the source sees that its writer must be mended.
"""

from collections.abc import Iterable

from senim.telemetry.internal.logfile import RawLine
from senim.telemetry.parsers import numbers

KINDS = frozenset({"payments"})
"""Kinds of source whose lines are masked."""
FLAW = "masked"


def without_numbers(lines: Iterable[RawLine]) -> list[RawLine]:
    """`lines` with such numbers masked; the flaw says how many there were."""
    return [_masked(data, flaw) for data, flaw in lines]


def _masked(data: bytes, flaw: str) -> RawLine:
    text, count = numbers.masked(data)
    return text, ",".join(filter(None, (flaw, f"{FLAW}:{count}" if count else "")))
