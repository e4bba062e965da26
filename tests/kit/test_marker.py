"""The marker of an exercise is known again in any text, and nothing else is taken for one."""

import pytest

from senim.kit.marker import is_marker, marker_in, new_marker


def test_a_marker_is_new_each_time_and_known_again() -> None:
    first, second = new_marker(), new_marker()
    assert first != second
    assert is_marker(first)
    assert marker_in(f"GET /{first}/?q=1 HTTP/1.1") == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exercise-0123456789abcde",
        "exercise-0123456789abcdef0",
        "Exercise-0123456789abcdef",
        "xexercise-0123456789abcdef",
        "exercise-0123456789abcdeg",
    ],
)
def test_what_only_resembles_one_is_none(text: str) -> None:
    assert not is_marker(text)
    assert marker_in(f"a {text} b") == ""


def test_a_file_may_be_named_after_one() -> None:
    worn = new_marker()
    assert marker_in(f"/srv/uploads/{worn}-invoice.bin") == worn


def test_two_markers_are_nobodys() -> None:
    assert marker_in(f"{new_marker()} {new_marker()}") == ""


def test_one_marker_twice_is_one() -> None:
    worn = new_marker()
    assert marker_in(f"{worn}/{worn}") == worn
