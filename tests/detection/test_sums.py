"""Values that add up: to the very figure, in any order of arrival, and never told smaller than they are."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senim.detection.internal import correlate
from senim.detection.internal.correlate import MOST_AMOUNT, MOST_MARKS, Condition, Group, Kind, Mark

SPAN, LEAST, FOR_EVER = 10, 100, 10**9
ASKED = Condition(Kind.VALUE_SUM, SPAN, LEAST, FOR_EVER)


def mark(at: int, seq: int, amount: int) -> Mark:
    return Mark(at, "a", "e", seq, 0, 0, {}, amount=amount)


def came_true(marks: Sequence[Mark], asked: Condition = ASKED) -> list[int]:
    group = Group(marks=[])
    return [one.seq for m in marks for one in correlate.add(asked, group, m)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 60)), max_size=9), st.randoms())
def test_it_comes_true_where_the_definition_says(pairs: list[tuple[int, int]], shuffle: object) -> None:
    marks = [mark(at, seq, amount) for seq, (at, amount) in enumerate(pairs)]
    expected = sorted(
        last.seq
        for last in marks
        if sum(m.amount for m in marks if last.at - SPAN <= m.at and m.order <= last.order) >= LEAST
    )
    shuffle.shuffle(marks)  # type: ignore[attr-defined]
    assert sorted(came_true(marks)) == expected


@pytest.mark.parametrize(("last", "fits"), [(40, True), (39, False)])
def test_the_very_figure_counts(last: int, fits: bool) -> None:
    assert bool(came_true([mark(0, 1, 60), mark(1, 2, last)])) is fits


@pytest.mark.parametrize(("first", "fits"), [(0, True), (-1, False)])
def test_the_edge_of_the_window(first: int, fits: bool) -> None:
    assert bool(came_true([mark(first, 1, 60), mark(SPAN, 2, 40)])) is fits


@pytest.mark.parametrize("many", [MOST_MARKS, MOST_MARKS + 1, 5 * MOST_MARKS])
def test_however_many_make_the_sum_it_is_found(many: int) -> None:
    """More than a group remembers, each of one tiyn."""
    asked = Condition(Kind.VALUE_SUM, SPAN, many, FOR_EVER)
    assert came_true([mark(0, n, 1) for n in range(many)], asked) == [many - 1]


def test_what_was_let_go_is_not_counted_for_a_later_window() -> None:
    marks = [mark(0, n, 1) for n in range(LEAST - 1)] + [mark(SPAN + 1, LEAST + n, 0) for n in range(MOST_MARKS)]
    assert came_true([*marks, mark(SPAN + 2, 1000, 1)]) == []


def test_no_sum_outgrows_what_can_be_kept() -> None:
    group = Group(marks=[])
    for n in range(MOST_MARKS + 3):
        correlate.add(ASKED, group, mark(n, n, MOST_AMOUNT))
    assert {m.amount for m in group.marks} == {MOST_AMOUNT}
