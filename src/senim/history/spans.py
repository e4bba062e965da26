"""Sets of sequence numbers as spans: what of an epoch is held, what is missing."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""First and last number, both included."""


class Spans:
    """A set of positive whole numbers that mostly stand next to each other."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in spans:
            self.add(first, last)

    def __iter__(self) -> Iterator[Span]:
        return zip(self._firsts, self._lasts, strict=True)

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._firsts, number) - 1
        return place >= 0 and number <= self._lasts[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Spans({list(self)})"

    def __len__(self) -> int:
        """How many numbers it holds."""
        return sum(last - first + 1 for first, last in self)

    @property
    def highest(self) -> int:
        """The greatest number; 0 where there is none."""
        return self._lasts[-1] if self._lasts else 0

    def add(self, first: int, last: int) -> None:
        """Put in `first` to `last`; what touches becomes one span."""
        begin = bisect_left(self._lasts, first - 1)
        end = bisect_right(self._firsts, last + 1)
        if begin < end:
            first, last = min(first, self._firsts[begin]), max(last, self._lasts[end - 1])
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]

    def without(self, others: "Spans") -> "Spans":
        """What is here and not in `others`."""
        left = Spans()
        for first, last in self:
            rest = first
            for gone_first, gone_last in others.within(first, last):
                if rest < gone_first:
                    left.add(rest, gone_first - 1)
                rest = gone_last + 1
            if rest <= last:
                left.add(rest, last)
        return left

    def within(self, first: int, last: int) -> Iterator[Span]:
        """The parts that lie between `first` and `last`, both included."""
        for place in range(bisect_left(self._lasts, first), bisect_right(self._firsts, last)):
            yield max(first, self._firsts[place]), min(last, self._lasts[place])
