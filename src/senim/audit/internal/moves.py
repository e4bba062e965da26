"""Telling rows that changed places from rows that changed, once the walk has met all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from senim.audit.findings import Finding, FindingCode
from senim.audit.internal.merkle import node_hash

_MOST_PAIRS = 64
"""Pairs among which a former order is looked for; the work grows with the square."""


class Spot(NamedTuple):
    """A leaf at its place."""

    number: int
    """0 for the first leaf of the log."""
    row: str
    hash: bytes


class _Differing(NamedTuple):
    spot: Spot
    now: bytes


@dataclass
class Moves:
    """What does not fit where it stands."""

    _differing: list[_Differing] = field(default_factory=list)
    _pairs: list[tuple[Spot, Spot, bytes]] = field(default_factory=list)

    def row_differs(self, spot: Spot, now: bytes) -> None:
        """The row at `spot` has the hash `now`, its leaf another."""
        self._differing.append(_Differing(spot, now))

    def pair_differs(self, left: Spot, right: Spot, above: bytes) -> None:
        """The node stored over two neighbouring leaves is `above`, and theirs is another."""
        self._pairs.append((left, right, above))

    def findings(self) -> Iterator[Finding]:
        """Each misfit, as moved where its right place is known, else as altered."""
        yield from self._rows()
        yield from self._leaves()

    def _rows(self) -> Iterator[Finding]:
        place_of = {differing.spot.hash: differing.spot.number for differing in self._differing}
        for spot, now in self._differing:
            if now in place_of:
                yield Finding(FindingCode.ROW_MOVED, row=spot.row, first=spot.number, last=place_of[now])
            else:
                yield Finding(FindingCode.ROW_ALTERED, row=spot.row, first=spot.number)

    def _leaves(self) -> Iterator[Finding]:
        """Leaves moved together with their hashes: the nodes above still tell which two stood together."""
        spots = [spot for left, right, _ in self._pairs[:_MOST_PAIRS] for spot in (left, right)]
        former = {node_hash(a.hash, b.hash): (a, b) for a in spots for b in spots if a is not b}
        for left, right, above in self._pairs:
            if above not in former:
                yield Finding(FindingCode.LEAF_ALTERED, first=left.number, last=right.number)
                continue
            for spot, place in zip(former[above], (left.number, right.number), strict=True):
                if spot.number != place:
                    yield Finding(FindingCode.ROW_MOVED, row=spot.row, first=spot.number, last=place)
