"""Outages as a definition over samples."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from senim.availability.internal.spells import Pace, Spell, Verdict, spells
from tests.availability.samples import Sample, at, every

PACE = Pace(silence=timedelta(seconds=60), calm=timedelta(minutes=5))
samples = st.lists(st.tuples(st.integers(0, 4000), st.booleans()), max_size=60)


def drawn(*told: Sample) -> list[Spell]:
    verdicts = sorted((Verdict(at(seconds), is_up) for seconds, is_up in told), key=lambda verdict: verdict.order)
    return spells(verdicts, PACE)


def test_it_begins_at_the_first_failed_sample_and_ends_at_the_first_good_one() -> None:
    (spell,) = drawn((0, True), (15, False), (30, False), (45, True), (60, True))
    assert (spell.began_at, spell.ended_at, spell.downs) == (at(15), at(45), 2)
    assert spell.seen_until == at(45)


def test_a_service_that_was_never_good_is_down_since_its_first_sample() -> None:
    (spell,) = drawn((0, False), (15, False))
    assert (spell.began_at, spell.ended_at, spell.seen_until) == (at(0), None, at(15))


def test_good_samples_alone_are_no_outage() -> None:
    assert drawn(*every(15, 0, 600, True)) == []


def test_one_good_answer_between_failures_is_no_recovery() -> None:
    """Up for one sample every ten minutes: one outage, counted through."""
    flapping = [(float(n), n % 600 == 0 and n > 0) for n in range(0, 4000, 15)]
    (spell,) = drawn(*flapping)
    assert spell.began_at == at(0)
    assert spell.ended_at is None
    assert spell.returns == 6


class TestBeingBack:
    """Five good minutes end an outage for good; both sides of that boundary."""

    def test_failing_again_exactly_then_goes_on(self) -> None:
        (spell,) = drawn((0, False), *every(15, 15, 315, True), (315, False))
        assert (spell.began_at, spell.ended_at, spell.returns) == (at(0), None, 1)

    def test_failing_again_a_microsecond_later_is_another_one(self) -> None:
        first, second = drawn((0, False), *every(15, 15, 315, True), (315.000001, False))
        assert (first.began_at, first.ended_at) == (at(0), at(15))
        assert second.began_at == at(315.000001)


class TestSilence:
    """Where nobody sampled nothing is known."""

    def test_failed_before_and_after_goes_on_and_says_how_much_nobody_saw(self) -> None:
        (spell,) = drawn((0, False), (15, False), (1815, False))
        assert (spell.began_at, spell.last_down_at) == (at(0), at(1815))
        assert spell.unseen == timedelta(seconds=1800)

    def test_failed_before_and_good_after_is_certain_only_as_far_as_it_was_seen(self) -> None:
        (spell,) = drawn((0, False), (15, False), (1815, True))
        assert (spell.seen_until, spell.ended_at, spell.ended_unseen) == (at(15), at(1815), True)

    def test_good_before_and_failed_after_begins_where_it_was_seen(self) -> None:
        (spell,) = drawn((0, True), (1800, False))
        assert spell.began_at == at(1800)

    def test_samples_a_minute_apart_are_none_and_a_microsecond_more_is(self) -> None:
        (near,) = drawn((0, False), (60, True))
        (far,) = drawn((0, False), (60.000001, True))
        assert (near.ended_unseen, far.ended_unseen) == (False, True)

    def test_what_came_back_unseen_and_failed_again_was_unseen_all_the_while(self) -> None:
        (spell,) = drawn((0, False), (600, True), (615, False))
        assert spell.unseen == timedelta(seconds=600)


def test_of_two_at_the_same_moment_the_failed_one_has_the_last_word() -> None:
    (spell,) = drawn((0, True), (15, False), (15, True), (30, False))
    assert (spell.began_at, spell.ended_at) == (at(15), None)


@given(samples)
def test_outages_are_apart_by_more_than_the_calm_and_begin_with_a_failure(told: list[Sample]) -> None:
    found = drawn(*told)
    downs = {at(seconds) for seconds, is_up in told if not is_up}
    assert {spell.began_at for spell in found} <= downs
    assert all(any(s.began_at <= moment <= s.last_down_at for s in found) for moment in downs)
    for before, after in pairwise(found):
        assert before.ended_at is not None
        assert after.began_at - before.ended_at > PACE.calm


@given(samples, st.integers(0, 60))
def test_going_on_from_what_is_known_is_drawing_it_anew(told: list[Sample], cut: int) -> None:
    """What the detector does with every frame that is newer than all it has."""
    verdicts = sorted({Verdict(at(s), is_up) for s, is_up in told}, key=lambda verdict: verdict.order)
    early, late = verdicts[:cut], verdicts[cut:]
    first = spells(early, PACE)
    before = early[-1].at if early else None
    last = first[-1] if first else None
    assert first[:-1] + spells(late, PACE, last=last, before=before) == spells(verdicts, PACE)
