"""Spans are sets of numbers, held against sets."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from senim.history.spans import Spans

_span = st.tuples(st.integers(1, 40), st.integers(0, 8)).map(lambda pair: (pair[0], pair[0] + pair[1]))
_spans = st.lists(_span, max_size=12)


def numbers(spans: list[tuple[int, int]]) -> set[int]:
    return {number for first, last in spans for number in range(first, last + 1)}


@given(_spans)
def test_spans_hold_what_was_put_in_and_never_touch_each_other(put: list[tuple[int, int]]) -> None:
    spans = Spans(put)
    assert numbers(list(spans)) == numbers(put)
    assert len(spans) == len(numbers(put))
    assert spans.highest == max(numbers(put), default=0)
    kept = list(spans)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(kept))
    assert all((number in spans) == (number in numbers(put)) for number in range(60))


@given(_spans, _spans)
def test_what_is_taken_out_is_not_there(put: list[tuple[int, int]], gone: list[tuple[int, int]]) -> None:
    assert numbers(list(Spans(put).without(Spans(gone)))) == numbers(put) - numbers(gone)


@given(_spans, _span)
def test_a_part_of_it(put: list[tuple[int, int]], part: tuple[int, int]) -> None:
    assert numbers(list(Spans(put).within(*part))) == numbers(put) & numbers([part])
