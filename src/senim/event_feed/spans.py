"""Sets of whole numbers as a few spans: `[[first, last], …]`, as they stand in a row."""

from collections.abc import Iterable

Spans = list[list[int]]


def without(spans: Iterable[Iterable[int]], first: int, last: int) -> Spans:
    """What is left of `spans` when `first` to `last` are taken out."""
    left: Spans = []
    for begin, end in spans:
        left += [[a, b] for a, b in ((begin, min(end, first - 1)), (max(begin, last + 1), end)) if a <= b]
    return left


def holds(spans: Iterable[Iterable[int]], number: int) -> bool:
    """Whether one of `spans` has `number` in it."""
    return any(begin <= number <= end for begin, end in spans)


def size(spans: Iterable[Iterable[int]]) -> int:
    """How many numbers they hold."""
    return sum(end - begin + 1 for begin, end in spans)
