"""One walk along the log, from its first leaf to its last: everything is recomputed, and what disagrees is named.

Pure: it is given what the tables hold, in order, and yields findings. Two trees grow side by side. One from the rows as
they are now: that is what a checkpoint must have been signed over. One from the hashes as stored, each held against
its own two children only, so that one change is one finding, at its place, and not one at every level above.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from senim.audit.findings import Finding, FindingCode
from senim.audit.internal.claims import Claim, Claims
from senim.audit.internal.merkle import EMPTY_ROOT, Frontier, Place, fold, node_hash
from senim.audit.internal.moves import Moves, Spot


class Sealed(NamedTuple):
    """A leaf as stored, and the hash of its row as it is now (None where the row is gone)."""

    spot: Spot
    now: bytes | None


class Stored(NamedTuple):
    """A node as stored, with the size at which its subtree is complete."""

    end: int
    place: Place
    hash: bytes


class Walk:
    """The state of one walk.

    `nodes` come by (end, level), `claims` by size.
    """

    def __init__(self, nodes: Iterator[Stored], claims: Iterator[Claim]) -> None:
        self._nodes = nodes
        self._node = next(nodes, None)
        self._claims = Claims(claims)
        self._rows = Frontier()
        self._peaks: list[bytes] = []
        self._last: Spot | None = None
        self._moves = Moves()
        self.passed = 0
        """Leaves met, also those behind a gap."""

    @property
    def size(self) -> int:
        """Leaves passed so far without a gap."""
        return self._rows.size

    def along(self, leaves: Iterable[Sealed]) -> Iterator[Finding]:
        """Every finding."""
        whole = True
        yield from self._claims.meet(0, {EMPTY_ROOT})
        for leaf in leaves:
            self.passed += 1
            yield from self._compare(leaf)
            if whole and leaf.spot.number != self.size:
                whole = False
                yield self._gap(leaf.spot)
            if whole:
                self._rows.append(leaf.now or leaf.spot.hash)
                yield from self._climb(leaf.spot)
                yield from self._claims.meet(self.size, {self._rows.root(), fold(self._peaks)})
        if whole:
            yield from self._claims.beyond(self.size, self._nodes_beyond())
        self._claims.pass_over()
        yield from self._moves.findings()

    def _compare(self, leaf: Sealed) -> Iterator[Finding]:
        """Hold one row against its leaf."""
        if leaf.now is None:
            yield Finding(FindingCode.ROW_REMOVED, row=leaf.spot.row, first=leaf.spot.number)
        # R228/81: Non-modification (некорректируемость). What was written stays as it was, and a change is named.
        elif leaf.now != leaf.spot.hash:
            self._moves.row_differs(leaf.spot, leaf.now)

    def _gap(self, found: Spot) -> Finding:
        """A place is empty: behind it rows are compared, and no tree can be computed any more."""
        if found.number > self.size:
            return Finding(FindingCode.LEAF_REMOVED, first=self.size, last=found.number - 1)
        return Finding(FindingCode.LEAF_ALTERED, first=found.number, last=found.number)

    def _climb(self, leaf: Spot) -> Iterator[Finding]:
        """Hold every stored node that this leaf completes against its two stored children."""
        place, found = Place(0, leaf.number), leaf.hash
        while place.number & 1:
            expected = node_hash(self._peaks.pop(), found)
            place = Place(place.level + 1, place.number >> 1)
            yield from self._strays(place)
            stored = self._stored_at(place)
            if stored is not None and stored != expected and place.level == 1 and self._last is not None:
                self._moves.pair_differs(self._last, leaf, stored)
            elif stored != expected:
                yield Finding(FindingCode.LEAF_ALTERED, first=place.first, last=place.end - 1)
            found = expected if stored is None else stored
        self._peaks.append(found)
        self._last = leaf

    def _strays(self, place: Place) -> Iterator[Finding]:
        """Pass over stored nodes that no subtree of this log is."""
        while self._node is not None and (self._node.end, self._node.place.level) < (place.end, place.level):
            place_of_end = max(self._node.end - 1, 0)
            yield Finding(FindingCode.LEAF_ALTERED, first=place_of_end, last=place_of_end)
            self._node = next(self._nodes, None)

    def _stored_at(self, place: Place) -> bytes | None:
        """The stored hash at `place`; None where it is missing."""
        if self._node is None or self._node.place != place:
            return None
        found, self._node = self._node.hash, next(self._nodes, None)
        return found

    def _nodes_beyond(self) -> int:
        """The size that nodes without leaves speak of; 0 where there are none."""
        size = 0
        while self._node is not None:
            size = max(size, self._node.end)
            self._node = next(self._nodes, None)
        return size
