"""What each field takes, in one canonical form, both sides of each bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.registers.fields import Day, Digest, Field, Limbs, Line, Prose, Unfit, Whole, Word

WORD = Word("w", "", words={"yes": "Yes", "no": "No"})
OPTIONAL = Day("d", "", required=False)


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        (Line("l", ""), "  a b ", "a b"),
        (Line("l", ""), "x" * 200, "x" * 200),
        (Prose("p", ""), "a\r\nb", "a\nb"),
        (Prose("p", ""), "x" * 4000, "x" * 4000),
        (Day("d", ""), "2028-02-29", "2028-02-29"),
        (OPTIONAL, " ", ""),
        (Whole("n", ""), "0", "0"),
        (Whole("n", ""), "999999999", "999999999"),
        (WORD, "yes", "yes"),
        (Limbs("l", ""), "R228/81-1(6)  R228/79 R228/79", "R228/81-1(6) R228/79"),
        (Digest("s", ""), "AB" * 32, "ab" * 32),
    ],
)
def test_what_fits(field: Field, text: str, kept: str) -> None:
    assert field.canonical(text) == kept


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Line("l", ""), "a\nb"),
        (Line("l", ""), "x" * 201),
        (Line("l", ""), "a\0b"),
        (Line("l", ""), "'=1"),
        (Prose("p", ""), "x" * 4001),
        (Prose("p", ""), "a\u2028b"),
        (Day("d", ""), "2027-02-29"),
        (Day("d", ""), "20270228"),
        (Day("d", ""), ""),
        (Whole("n", ""), "-1"),
        (Whole("n", ""), "01"),
        (Whole("n", ""), "1000000000"),
        (Whole("n", ""), "٣"),
        (WORD, "maybe"),
        (Limbs("l", ""), "R228/" + "97"),
        (Limbs("l", ""), "81-1"),
        (Digest("s", ""), "ab" * 31),
        (Digest("s", ""), "ag" * 32),
    ],
)
def test_what_does_not(field: Field, text: str) -> None:
    with pytest.raises(Unfit):
        field.canonical(text)


@pytest.mark.parametrize("field", [Line("l", ""), Prose("p", ""), Day("d", ""), Whole("n", ""), Limbs("l", "")])
@given(text=st.text())
def test_what_is_kept_is_kept_again_as_it_is(field: Field, text: str) -> None:
    try:
        kept = field.canonical(text)
    except Unfit:
        return
    assert field.canonical(kept) == kept
