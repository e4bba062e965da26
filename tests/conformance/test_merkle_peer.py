"""Our tree against pymerkle, an independent implementation.

Inclusion proofs are the same hashes on both sides. Consistency proofs of pymerkle 7 have a form of their own, so there
each side proves the same growth between the same roots.
"""

import itertools

import pytest
from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, verify_consistency, verify_inclusion

from senim.audit.internal.merkle import (
    Frontier,
    Place,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    range_hash,
)
from senim.audit.internal.proofs import proves_consistency, proves_inclusion

SIZES = (1, 2, 3, 7, 8, 33, 100)


class Both:
    """The same leaves in both trees."""

    def __init__(self, size: int) -> None:
        self.peer = InmemoryTree.init_from_entries([b"row %d" % i for i in range(size)], algorithm="sha256")
        self.places: dict[Place, bytes] = {}
        self.roots = [Frontier().root()]
        frontier = Frontier()
        for number in range(size):
            self.places[Place(0, number)] = leaf_hash(b"row %d" % number)
            self.places |= dict(frontier.append(leaf_hash(b"row %d" % number)))
            self.roots.append(frontier.root())

    def path(self, ranges: list) -> list[bytes]:  # type: ignore[type-arg]
        return [range_hash(leaves, self.places.__getitem__) for leaves in ranges]


@pytest.fixture(scope="module")
def both() -> Both:
    return Both(max(SIZES))


@pytest.mark.parametrize("size", SIZES)
def test_roots_agree(both: Both, size: int) -> None:
    assert both.roots[size] == both.peer.get_root(size)


@pytest.mark.parametrize("size", SIZES)
def test_each_accepts_the_others_inclusion_proofs(both: Both, size: int) -> None:
    for index in range(size):
        theirs: InclusionProof = both.peer.prove_inclusion(index + 1, size)
        ours = both.path(inclusion_ranges(index, size))
        base, *steps = theirs.path  # the peer's path begins with the leaf itself
        assert steps == ours
        assert proves_inclusion(base, index, size, steps, both.roots[size])
        verify_inclusion(leaf_hash(b"row %d" % index), both.roots[size], theirs)


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(SIZES, 2)))
def test_both_prove_the_same_growth(both: Both, old: int, new: int) -> None:
    theirs: ConsistencyProof = both.peer.prove_consistency(old, new)
    verify_consistency(both.roots[old], both.roots[new], theirs)
    ours = both.path(consistency_ranges(old, new))
    assert proves_consistency(old, both.roots[old], new, both.roots[new], ours)
