"""The Merkle tree of RFC 9162 (SHA-256): hashes, the shape of a tree of any size, and its proofs as ranges of leaves.

Pure arithmetic. A *place* names a complete subtree: at (level, number) stands the root of the 2^level leaves that begin
at number * 2^level. Every hash that an append or a proof needs is a place, or a short row of places folded together.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162 §2.1.1)."""


class Place(NamedTuple):
    """A complete subtree."""

    level: int
    number: int

    @property
    def first(self) -> int:
        """The first of its leaves."""
        return self.number << self.level

    @property
    def end(self) -> int:
        """How many leaves the tree has when this subtree becomes complete."""
        return (self.number + 1) << self.level


class Range(NamedTuple):
    """The leaves `first` ≤ i < `end`."""

    first: int
    end: int


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: the prefix 0x00 keeps it from passing for a node (RFC 9162 §2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring complete subtrees, largest first; `EMPTY_ROOT` for none."""
    if not hashes:
        return EMPTY_ROOT
    *rest, root = hashes
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def cover(leaves: Range) -> list[Place]:
    """The complete subtrees that make up `leaves`, largest first.

    `leaves` must begin where a subtree of its size may begin, as every range of a proof does.
    """
    places, first = [], leaves.first
    while first < leaves.end:
        level = (leaves.end - first).bit_length() - 1
        places.append(Place(level, first >> level))
        first += 1 << level
    return places


def range_hash(leaves: Range, read: Callable[[Place], bytes]) -> bytes:
    """The root over `leaves`; `read` gives the hash at a place."""
    return fold([read(place) for place in cover(leaves)])


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """PATH(index, D[size]) of RFC 9162 §2.1.3.1: the ranges whose roots prove leaf `index`, from the leaf upwards.

    Raises `IndexError` where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"a tree of {size} leaves has no leaf {index}")
    first, end, path = 0, size, []
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(first, middle))
            first = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """PROOF(old, D[new]) of RFC 9162 §2.1.4.1: the ranges whose roots prove that `new` only added to `old`.

    Raises `IndexError` unless 0 < old ≤ new: an empty tree is the beginning of every tree and proves nothing.
    """
    if not 0 < old <= new:
        raise IndexError(f"no tree of {new} leaves grows out of one of {old}")
    first, end, path = 0, new, []
    while end != old:
        middle = first + _split(end - first)
        if old <= middle:
            path.append(Range(middle, end))
            end = middle
        else:
            path.append(Range(first, middle))
            first = middle
    if first:
        path.append(Range(first, end))
    return path[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


class Frontier:
    """The right edge of a growing tree: its complete subtrees, largest first. All that appending needs."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self.hashes)}")

    def append(self, leaf: bytes) -> list[tuple[Place, bytes]]:
        """Add one leaf by its hash; the subtrees (level ≥ 1) that it completes, lowest first."""
        completed = []
        level, number, root = 0, self.size, leaf
        while number & 1:
            root = node_hash(self.hashes.pop(), root)
            level, number = level + 1, number >> 1
            completed.append((Place(level, number), root))
        self.hashes.append(root)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return fold(self.hashes)
