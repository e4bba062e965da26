"""Numbers are valid by form and check digit, and by nothing else."""

import pytest

from senim.kit.identification_number import is_valid


@pytest.mark.parametrize("number", ["000101600008", "000101600900", "000140000002", "000140000304"])
def test_the_check_digit_of_either_pass_is_accepted(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "000101600009",  # wrong check digit
        "000101600950",  # both passes give ten: no digit fits
        "00010160008",  # eleven digits
        "0001016000088",  # thirteen
        "00010160000x",
        "٠٠٠١٠١٦٠٠٠٠٨",  # digits, but not ours
        "",
    ],
)
def test_anything_else_is_refused(number: str) -> None:
    assert not is_valid(number)


@pytest.mark.parametrize("number", ["999999999990", "999932300006", "009901700018"])
def test_a_birth_date_that_cannot_be_is_no_reason_to_refuse(number: str) -> None:
    assert is_valid(number)
