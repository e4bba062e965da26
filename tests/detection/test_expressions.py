"""Regular expressions: those that some text could make slow are refused; the others do what `re` does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.detection.errors import RuleRefused
from senim.detection.internal.expressions import LONGEST, LOOKED_AT, searcher

SLOW = [
    r"(a+)+$",
    r"(a|a)*b",
    r"(x+x+)+y",
    r"(?:a?){30}a{30}",
    r"(.*)(.*)(.*)=",
    r"a.*[^x]*x",
    r"\s*\s*x",
    r"foo|.*bar.*baz",
    r"(a)\1",
    r"(?:\w+\s?)*$",
    r"(?=(a+)+$)a",
]
SOUND = [
    r"Failed \S+ for .* from",
    r"^(?:\d{1,3}\.){3}\d{1,3}$",
    r"net\s+stop\s+backup",
    r".*root.*",
    r"[a-z]+@[a-z]+\.kz",
    r"(?i)drop\s+table",
    r"^[^:]*:[^:]*:0:",
    r"error(?!s)",
    r"(foo|bar)baz",
    r"\bsu\b",
]


@pytest.mark.parametrize("pattern", SLOW)
def test_what_could_be_slow_is_refused(pattern: str) -> None:
    with pytest.raises(RuleRefused):
        searcher(pattern, re.NOFLAG)


@pytest.mark.parametrize("pattern", SOUND)
def test_what_is_sound_is_admitted(pattern: str) -> None:
    searcher(pattern, re.NOFLAG)


def test_the_text_that_stops_a_backtracking_engine_does_not_reach_it() -> None:
    # 2^2000 steps were it tried: this test would never end.
    with pytest.raises(RuleRefused, match="exponentially many"):
        searcher(r"^(a+)+$", re.NOFLAG)("a" * 2000 + "!")


@given(st.sampled_from(SOUND), st.text("abfornet .@:=01\nEsu", max_size=60))
def test_an_admitted_expression_finds_what_re_finds(pattern: str, text: str) -> None:
    assert searcher(pattern, re.NOFLAG)(text) is (re.search(pattern, text) is not None)


def test_a_text_is_looked_at_up_to_its_limit() -> None:
    found = searcher("needle", re.NOFLAG)
    assert found("x" * (LOOKED_AT - 6) + "needle")
    assert not found("x" * (LOOKED_AT - 5) + "needle")


@given(st.integers(0, LOOKED_AT - 6), st.integers(0, 3 * LONGEST))
def test_wherever_it_stands_in_a_long_text(before: int, behind: int) -> None:
    assert searcher("needle", re.NOFLAG)("x" * before + "needle" + "x" * behind)


@pytest.mark.parametrize("pattern", ["needle$", r"needle\Z", "(?:needle$|pin$)", "(?:x|needle)$"])
@pytest.mark.parametrize("before", [LONGEST - 6, LONGEST - 5, 2 * LONGEST, LOOKED_AT, 10 * LOOKED_AT])
def test_the_end_of_a_long_text_is_its_own(pattern: str, before: int) -> None:
    assert searcher(pattern, re.NOFLAG)("y" * before + "needle")


@pytest.mark.refusal
@pytest.mark.parametrize("before", [2 * LONGEST - 6 - 256, 3 * LONGEST - 6 - 512])
def test_no_piece_is_taken_for_the_end(before: int) -> None:
    assert not searcher("needle$", re.NOFLAG)("y" * before + "needle" + "y" * LONGEST)


@pytest.mark.refusal
def test_no_piece_is_taken_for_the_beginning() -> None:
    assert not searcher("^needle", re.NOFLAG)("y" * (LONGEST - 256) + "needle" + "y" * LONGEST)
