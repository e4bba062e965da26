"""What must hold for trees of every size and every place in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.audit.internal.merkle import (
    Frontier,
    Place,
    Range,
    consistency_ranges,
    cover,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    range_hash,
)
from senim.audit.internal.proofs import proves_consistency, proves_inclusion

MOST = 70
LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]


def by_the_book(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, written as its definition."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_the_book(leaves[:split]), by_the_book(leaves[split:]))


def _grow() -> tuple[dict[Place, bytes], list[bytes]]:
    frontier, places, roots = Frontier(), {}, [Frontier().root()]
    for number, leaf in enumerate(LEAVES):
        places[Place(0, number)] = leaf
        places |= dict(frontier.append(leaf))
        roots.append(frontier.root())
    return places, roots


PLACES, ROOTS = _grow()
sizes = st.integers(1, MOST)


def path(ranges: list[Range]) -> list[bytes]:
    return [range_hash(leaves, PLACES.__getitem__) for leaves in ranges]


@given(sizes)
def test_growing_leaf_by_leaf_gives_the_root_by_definition(size: int) -> None:
    assert ROOTS[size] == by_the_book(LEAVES[:size])


@given(sizes)
def test_a_tree_taken_up_again_at_its_right_edge_grows_on_the_same(size: int) -> None:
    resumed = Frontier(size, [PLACES[place] for place in cover(Range(0, size))])
    for leaf in LEAVES[size:]:
        resumed.append(leaf)
    assert resumed.root() == ROOTS[MOST]


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_every_leaf_of_every_tree_is_proven_and_no_other(place: tuple[int, int]) -> None:
    index, size = place
    proof = path(inclusion_ranges(index, size))
    assert proves_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
    assert not proves_inclusion(leaf_hash(b"another"), index, size, proof, ROOTS[size])
    assert not proves_inclusion(LEAVES[index], index, size, proof, leaf_hash(b"another root"))
    assert not proves_inclusion(LEAVES[index], index, size, [*proof, LEAVES[0]], ROOTS[size])
    assert not proves_inclusion(LEAVES[index], size, size, proof, ROOTS[size])
    for other in {(index + 1) % size, (index - 1) % size} - {index}:
        assert not proves_inclusion(LEAVES[index], other, size, proof, ROOTS[size])
    if proof:
        assert not proves_inclusion(LEAVES[index], index, size, proof[:-1], ROOTS[size])
        assert not proves_inclusion(LEAVES[index], index, size, [proof[0][:31], *proof[1:]], ROOTS[size])


@given(sizes.flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new))))
def test_every_growth_is_proven_and_no_other(sizes_: tuple[int, int]) -> None:
    old, new = sizes_
    proof = path(consistency_ranges(old, new))
    assert proves_consistency(old, ROOTS[old], new, ROOTS[new], proof)
    assert not proves_consistency(old, leaf_hash(b"another"), new, ROOTS[new], proof)
    assert not proves_consistency(old, ROOTS[old], new, leaf_hash(b"another"), proof)
    assert not proves_consistency(old, ROOTS[old], new, ROOTS[new], [*proof, LEAVES[0]])
    assert not proves_consistency(new + 1, ROOTS[old], new, ROOTS[new], proof)
    if proof:
        assert not proves_consistency(old, ROOTS[old], new, ROOTS[new], proof[:-1])
        assert not proves_consistency(old, ROOTS[old], new, ROOTS[new], [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_no_path_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_no_growth_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(IndexError):
        consistency_ranges(old, new)


def test_a_right_edge_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 peaks"):
        Frontier(3, [LEAVES[0]])
