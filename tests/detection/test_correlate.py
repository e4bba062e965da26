"""Counting on event time, held against a reference that looks at all marks every time."""

from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senim.detection.internal import correlate
from senim.detection.internal.correlate import MOST_MARKS, USUAL_MARKS, Condition, Group, Kind, Mark

SPAN = 10
FOR_EVER = 10**9


def mark(
    at: int, seq: int, member: int = 0, *, source: str = "a", value: str = "", read_at: int = 0, **more: int
) -> Mark:
    return Mark(at, source, "e", seq, member, read_at, {}, value=value, **more)  # type: ignore[arg-type]


def condition(kind: Kind, least: int, *, members: int = 1, retention: int = FOR_EVER) -> Condition:
    return Condition(kind, SPAN, least, retention, members)


def came_true(asked: Condition, marks: Sequence[Mark]) -> tuple[list[Mark], Group]:
    """The marks at which it came true, in the order in which it did."""
    group = Group(marks=[])
    return [one for m in marks for one in correlate.add(asked, group, m)], group


def before(one: Mark, other: Mark) -> bool:
    stands_before = one.source == other.source and one.seq < other.seq
    return stands_before or one.at < other.at or (one.at == other.at and one.source != other.source)


def reference(asked: Condition, marks: Sequence[Mark]) -> set[tuple[object, ...]]:
    """Where it comes true, by the definition: no order of arrival, no state."""
    found = set()
    for last in marks:
        within = [m for m in marks if last.at - SPAN <= m.at and m.order <= last.order]
        if asked.kind is Kind.EVENT_COUNT:
            fits = sum(m.weight for m in within) >= asked.least
        elif asked.kind is Kind.VALUE_COUNT:
            fits = len({m.value for m in within}) >= asked.least
        elif asked.kind is Kind.TEMPORAL:
            fits = len({m.member for m in within}) >= asked.least
        else:
            near = [m for m in marks if abs(last.at - m.at) <= SPAN]
            rows = product(*([m for m in near if m.member == n] for n in range(asked.members - 1)))
            fits = last.member == asked.members - 1 and any(
                all(before(one, other) for one, other in zip(row, (*row[1:], last), strict=True)) for row in rows
            )
        if fits:
            found.add(last.order)
    return found


@st.composite
def arrivals(draw: st.DrawFn) -> list[Mark]:
    """Marks of two sources in any order of arrival, some of them twice."""
    size = draw(st.integers(1, 9))
    numbers = st.integers(0, 25)
    marks = [
        mark(
            draw(numbers),
            seq,
            draw(st.integers(0, 2)),
            source=draw(st.sampled_from("ab")),
            value=draw(st.sampled_from("xyz")),
            weight=draw(st.sampled_from([1, 1, 2])),
        )
        for seq in range(size)
    ]
    again = draw(st.lists(st.sampled_from(marks), max_size=3))
    return draw(st.permutations([*marks, *again]))


ASKED = [
    condition(Kind.EVENT_COUNT, 3),
    condition(Kind.VALUE_COUNT, 2),
    condition(Kind.TEMPORAL, 2, members=3),
    condition(Kind.TEMPORAL, 3, members=3),
    condition(Kind.TEMPORAL_ORDERED, 3, members=3),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ASKED), arrivals())
def test_it_comes_true_where_the_definition_says_and_once(asked: Condition, marks: list[Mark]) -> None:
    fired, _ = came_true(asked, [Mark(*[getattr(m, f) for f in m.__struct_fields__]) for m in marks])
    orders = [m.order for m in fired]
    unique = {m.order: m for m in marks}
    assert sorted(orders) == sorted(reference(asked, list(unique.values())))


@settings(max_examples=200, deadline=None)
@given(arrivals())
def test_what_an_ordered_row_consists_of_is_in_order(marks: list[Mark]) -> None:
    asked = condition(Kind.TEMPORAL_ORDERED, 3, members=3)
    fired, group = came_true(asked, marks)
    for last in fired:
        row = correlate.window(asked, group, last)
        assert [m.member for m in row] == [0, 1, 2]
        assert all(before(one, other) for one, other in pairwise(row))
        assert all(abs(last.at - m.at) <= SPAN for m in row)


class TestTheEdgesOfAWindow:
    """Both ends belong to it, to the microsecond."""

    @pytest.mark.parametrize(("first", "fits"), [(0, True), (-1, False), (1, True)])
    def test_of_a_count(self, first: int, fits: bool) -> None:
        fired, _ = came_true(condition(Kind.EVENT_COUNT, 2), [mark(first, 1), mark(SPAN, 2)])
        assert bool(fired) is fits

    @pytest.mark.parametrize(("first", "fits"), [(0, True), (-1, False)])
    def test_of_a_sequence(self, first: int, fits: bool) -> None:
        marks = [mark(first, 1, 0), mark(SPAN, 2, 1)]
        fired, _ = came_true(condition(Kind.TEMPORAL_ORDERED, 2, members=2), marks)
        assert bool(fired) is fits

    def test_of_one_source_the_line_numbers_decide_within_a_moment(self) -> None:
        asked = condition(Kind.TEMPORAL_ORDERED, 2, members=2)
        assert came_true(asked, [mark(5, 1, 0), mark(5, 2, 1)])[0]
        assert not came_true(asked, [mark(5, 2, 0), mark(5, 1, 1)])[0]

    @pytest.mark.parametrize(("back", "fits"), [(1, True), (SPAN, True), (SPAN + 1, False)])
    def test_a_clock_that_was_put_back_makes_nothing_earlier_than_what_stands_before_it(
        self, back: int, fits: bool
    ) -> None:
        asked = condition(Kind.TEMPORAL_ORDERED, 2, members=2)
        assert bool(came_true(asked, [mark(50, 1, 0), mark(50 - back, 2, 1)])[0]) is fits
        assert bool(came_true(asked, [mark(50 - back, 2, 1), mark(50, 1, 0)])[0]) is fits, "read the other way round"
        assert not came_true(asked, [mark(50, 1, 0, source="b"), mark(50 - back, 2, 1)])[0], "another source's clock"

    def test_of_two_sources_either_may_have_been_first_within_a_moment(self) -> None:
        asked = condition(Kind.TEMPORAL_ORDERED, 2, members=2)
        assert came_true(asked, [mark(5, 1, 1, source="a"), mark(5, 2, 0, source="b")])[0]


class TestRemembering:
    """By the time of reading, so that no clock in a line makes a group blind."""

    def test_a_line_from_the_future_does_not_push_others_out(self) -> None:
        asked = condition(Kind.EVENT_COUNT, 2, retention=100)
        marks = [mark(10**12, 1, read_at=5), mark(1, 2, read_at=6), mark(2, 3, read_at=7)]
        assert [m.seq for m in came_true(asked, marks)[0]] == [3]

    @pytest.mark.parametrize(("later", "fits"), [(100, True), (101, False)])
    def test_a_mark_is_forgotten_when_one_is_read_more_than_the_retention_later(self, later: int, fits: bool) -> None:
        asked = condition(Kind.EVENT_COUNT, 2, retention=100)
        assert bool(came_true(asked, [mark(1, 1, read_at=0), mark(2, 2, read_at=later)])[0]) is fits

    @pytest.mark.parametrize(
        ("least", "share"),
        [(5, USUAL_MARKS), (USUAL_MARKS // 4 + 1, USUAL_MARKS + 4), (MOST_MARKS // 4 + 1, MOST_MARKS)],
    )
    def test_a_group_never_holds_more_than_its_share_and_counts_what_it_lets_go(self, least: int, share: int) -> None:
        group = Group(marks=[])
        for seq in range(share + 3):
            correlate.add(condition(Kind.EVENT_COUNT, least), group, mark(seq, seq), ("r",))
        assert len(group.marks) == share
        assert [group.marks[0].seq, group.let_go, group.let_go_untold] == [3, 3, {"r": 3}]

    def test_whoever_tries_one_account_over_and_over_hides_no_row_of_accounts(self) -> None:
        values = [value for n in range(10) for value in (f"account-{n}", *["the same"] * USUAL_MARKS)]
        marks = [mark(1, seq, value=value) for seq, value in enumerate(values)]
        fired, _ = came_true(condition(Kind.VALUE_COUNT, 11), marks)
        assert fired[0].value == "account-9"

    def test_a_line_that_comes_late_stays_when_another_must_go(self) -> None:
        group, asked = Group(marks=[]), condition(Kind.VALUE_COUNT, 5)
        for seq in range(1, USUAL_MARKS + 1):
            correlate.add(asked, group, mark(100 + seq, seq, value=str(seq)))
        correlate.add(asked, group, mark(1, 0, source="late", value="late"))
        assert group.marks[0].source == "late"
        assert group.marks[1].seq == 2

    def test_the_same_line_counts_once(self) -> None:
        assert came_true(condition(Kind.EVENT_COUNT, 2), [mark(1, 1), mark(1, 1), mark(1, 1)])[0] == []


class TestSpells:
    """What goes on is told at its 1st, 2nd, 4th, 8th … time."""

    def told(self, moments: Sequence[int], victims: Sequence[str] = ()) -> list[int]:
        group, asked = Group(marks=[]), condition(Kind.EVENT_COUNT, 1)
        return [
            number
            for number, (at, victim) in enumerate(zip(moments, victims or ["v"] * len(moments), strict=True), 1)
            if correlate.is_told(asked, group, mark(at, number), victim)
        ]

    def test_what_goes_on_is_told_as_it_doubles(self) -> None:
        assert self.told(range(20)) == [1, 2, 4, 8, 16]

    def test_it_goes_on_while_no_pause_is_longer_than_the_timespan(self) -> None:
        assert self.told([0, SPAN, 2 * SPAN]) == [1, 2]
        assert self.told([0, SPAN + 1, 2 * SPAN + 2]) == [1, 2, 3]

    def test_what_happened_long_before_is_a_spell_of_its_own(self) -> None:
        assert self.told([100, 101, 102, 100 - SPAN - 1]) == [1, 2, 4]

    def test_every_victim_has_a_spell_of_its_own(self) -> None:
        assert self.told([0, 1, 2, 3, 4, 5], ["a", "b", "a", "a", "c", "b"]) == [1, 2, 3, 5, 6]

    def test_of_however_many_victims_each_is_told(self) -> None:
        names = [f"v{n}" for n in range(correlate.MOST_VICTIMS + 20)]
        assert self.told([0] * len(names), names) == [*range(1, len(names) + 1)]

    def test_a_victim_that_was_forgotten_is_told_again(self) -> None:
        names = [f"v{n}" for n in range(correlate.MOST_VICTIMS + 1)]
        moments = [0] * (len(names) + 3)
        # v0 had to go for the last one; v2 … are still known, so that its third time is not told.
        assert self.told(moments, [*names, "v0", "v2", "v2"])[-2:] == [len(names) + 1, len(names) + 2]
