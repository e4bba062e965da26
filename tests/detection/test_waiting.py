"""That something did not happen, held against a reference that looks at all marks at the end."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senim.detection.internal import correlate, waiting
from senim.detection.internal.correlate import MOST_MARKS, Condition, Group, Kind, Mark

SPAN, WAIT, FOR_EVER = 10, 5, 10**9
AFTER_ALL = 10**6
ASKED = Condition(Kind.WITHOUT, SPAN, 1, FOR_EVER, 2, WAIT)
HAPPENED, OTHER = 0, 1


def mark(at: int, seq: int, member: int = HAPPENED, *, read_at: int = 0, source: str = "a") -> Mark:
    return Mark(at, source, "e", seq, member, read_at, {})


def came_true(
    marks: Sequence[Mark], until: int = AFTER_ALL, asked: Condition = ASKED, group: Group | None = None
) -> list[int]:
    """The numbers of the lines at which it came true when everything read before `until` has been taken."""
    group = group or Group(marks=[])
    fired = [one for m in marks for one in waiting.add(asked, group, m)]
    return [one.seq for one in (*fired, *waiting.judge(asked, group, until))]


def before(one: Mark, other: Mark) -> bool:
    stands_before = one.source == other.source and one.seq < other.seq
    return stands_before or one.at < other.at or (one.at == other.at and one.source != other.source)


def reference(marks: Sequence[Mark]) -> list[tuple[object, ...]]:
    """Where it comes true, by the definition: no order of arrival, no state."""
    others = [m for m in marks if m.member == OTHER]
    return sorted(
        one.order
        for one in marks
        if one.member == HAPPENED
        and not any(
            abs(one.at - o.at) <= SPAN
            and before(o, one)
            and not (o.source == one.source and o.seq > one.seq and one.at - o.at > WAIT)
            and o.read_at <= one.read_at + WAIT
            for o in others
        )
    )  # fmt: skip


@st.composite
def arrivals(draw: st.DrawFn) -> list[Mark]:
    """Marks of two sources in the order in which they were read, some of them twice."""
    numbers = st.integers(0, 25)
    marks = [
        mark(draw(numbers), seq, draw(st.integers(0, 1)), read_at=draw(numbers), source=draw(st.sampled_from("ab")))
        for seq in range(draw(st.integers(1, 9)))
    ]
    again = draw(st.lists(st.sampled_from(marks), max_size=3))
    return sorted([*marks, *again], key=lambda m: m.read_at)


@settings(max_examples=400, deadline=None)
@given(arrivals(), st.lists(st.integers(0, 40), max_size=3))
def test_it_comes_true_where_the_definition_says_and_once(marks: list[Mark], glances: list[int]) -> None:
    """However often somebody judges in between, up to what was read by then."""
    group, fired = Group(marks=[]), []
    waits = [Mark(*[getattr(m, f) for f in m.__struct_fields__]) for m in marks]
    for one in waits:
        for until in sorted(glances):
            if until <= one.read_at:
                fired += waiting.judge(ASKED, group, until)
        fired += waiting.add(ASKED, group, one)
    fired += waiting.judge(ASKED, group, AFTER_ALL)
    unique = {m.order: m for m in marks}
    assert sorted(m.order for m in fired) == reference(list(unique.values()))
    assert waiting.due(ASKED, group) is None


class TestTheEdges:
    """Both ends belong to the times, to the microsecond."""

    @pytest.mark.parametrize(("other", "missing"), [(0, False), (-1, True), (SPAN, False), (SPAN + 1, True)])
    def test_of_the_window(self, other: int, missing: bool) -> None:
        assert bool(came_true([mark(other, 1, OTHER, source="b"), mark(SPAN, 2)])) is missing

    @pytest.mark.parametrize(("read_at", "missing"), [(WAIT, False), (WAIT + 1, True)])
    def test_of_the_wait(self, read_at: int, missing: bool) -> None:
        assert bool(came_true([mark(5, 1), mark(4, 2, OTHER, read_at=read_at)])) is missing

    @pytest.mark.parametrize(("until", "decided"), [(WAIT, False), (WAIT + 1, True)])
    def test_of_judging(self, until: int, decided: bool) -> None:
        assert bool(came_true([mark(5, 1)], until)) is decided

    def test_within_a_moment_the_lines_of_one_source_tell_the_order(self) -> None:
        assert came_true([mark(5, 1, OTHER), mark(5, 2)]) == []
        assert came_true([mark(5, 1), mark(5, 2, OTHER)]) == [1]

    @pytest.mark.parametrize(("back", "missing"), [(1, False), (SPAN, False), (SPAN + 1, True)])
    def test_what_stands_before_it_answers_though_a_clock_was_put_back(self, back: int, missing: bool) -> None:
        answer, happened = mark(50, 1, OTHER), mark(50 - back, 2)
        assert bool(came_true([answer, happened])) is missing
        assert bool(came_true([mark(50 - back, 2), mark(50, 1, OTHER)])) is missing, "read the other way round"

    @pytest.mark.parametrize(
        ("source", "older", "missing"), [("a", WAIT, False), ("a", WAIT + 1, True), ("b", WAIT + 1, False)]
    )
    def test_what_stands_behind_it_is_not_much_older(self, source: str, older: int, missing: bool) -> None:
        answer = mark(50 - older, 2, OTHER, source=source)
        assert bool(came_true([mark(50, 1), answer])) is missing

    def test_within_a_moment_another_source_may_have_been_first(self) -> None:
        assert came_true([mark(5, 1), mark(5, 2, OTHER, source="b")]) == []


class TestNothingInSilence:
    """What can never be decided any more comes true."""

    def test_a_flood_of_the_group_pushes_nothing_out_unsaid(self) -> None:
        marks = [mark(n, n) for n in range(MOST_MARKS + 3)]
        assert came_true(marks, until=0) == [0, 1, 2]

    def test_what_was_answered_is_let_go_as_such(self) -> None:
        flood = [mark(5, n) for n in range(1, MOST_MARKS + 3)]
        assert came_true([mark(4, 0, OTHER), *flood]) == []

    def test_what_was_to_be_forgotten_is_judged_before(self) -> None:
        short = Condition(Kind.WITHOUT, SPAN, 1, 100, 2, WAIT)
        group = Group(marks=[])
        assert came_true([mark(5, 1), mark(300, 2, read_at=201)], until=0, asked=short, group=group) == [1]
        assert [m.seq for m in group.marks] == [2]

    def test_the_first_that_waits_says_when(self) -> None:
        group = Group(marks=[])
        came_true([mark(5, 1, read_at=3), mark(6, 2, read_at=1), mark(7, 3, OTHER)], until=0, group=group)
        assert waiting.due(ASKED, group) == 1 + WAIT

    def test_what_came_true_explains_itself_and_counts_nothing_that_was_there(self) -> None:
        group = Group(marks=[])
        came_true([mark(5, 1)], group=group)
        (one,) = group.marks
        assert correlate.window(ASKED, group, one) == [one]
        assert correlate.amount(ASKED, [one]) == 0
