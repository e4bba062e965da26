"""Samples of services as lines."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed

READ_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def seen(data: bytes) -> Observed:
    return parsers.parse("heartbeat", Line(1, READ_AT.timestamp(), data), "bureau-1")


def told(**parts: object) -> Observed:
    known = {"at": "2026-11-22T16:59:58.25+05:00", "service": "web", "ok": True, "reason": "", "ms": 12}
    return seen(json.dumps({**known, **parts}).encode())


def test_a_good_sample() -> None:
    found = told()
    assert found.at == datetime(2026, 11, 22, 11, 59, 58, 250000, tzinfo=UTC)
    assert found.fields == {"host": "bureau-1", "action": "up", "service": "web", "ok": True, "ms": 12, "marker": ""}


def test_a_failed_sample_says_why() -> None:
    assert told(ok=False, reason="status-503").fields["reason"] == "status-503"
    assert told(ok=False).fields["action"] == "down"


def test_the_service_of_an_exercise_wears_its_marker() -> None:
    assert told(service="exercise-0123456789abcdef").fields["marker"] == "exercise-0123456789abcdef"


@pytest.mark.parametrize(
    "parts",
    [
        {"ok": "true"},
        {"ok": 1},
        {"ok": None},
        {"service": ""},
        {"service": "Web"},
        {"service": "web\n"},
        {"service": "a" * 65},
        {"service": 7},
    ],
)
def test_what_is_no_sample_measures_nothing(parts: dict[str, object]) -> None:
    assert told(**parts).fields["action"] == "other"


@pytest.mark.parametrize("when", ["2026-11-22T12:00:00", "yesterday", "", 5, None])
def test_a_moment_that_names_no_instant_is_not_believed(when: object) -> None:
    assert told(at=when).fields["time_flaw"] == "unreadable"


def test_a_moment_that_lies_ahead_is_not_believed() -> None:
    assert "time_flaw" not in told(at="2026-11-22T12:05:00Z").fields
    assert told(at="2026-11-22T12:05:00.000001Z").fields["time_flaw"] == "future"


@pytest.mark.parametrize("took", [-1, True, "7", None, 1e300, 86_400_001])
def test_a_length_that_cannot_be_is_left_out(took: object) -> None:
    assert "ms" not in told(ms=took).fields


@given(st.binary(max_size=300))
def test_any_bytes_are_a_line(data: bytes) -> None:
    found = seen(data)
    assert found.fields["action"] in {"up", "down", "other"}
    assert found.text.isprintable()
    assert isinstance(found.fields["marker"], str)


_values = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=80), st.just([]), st.just({})
)


@given(st.dictionaries(st.sampled_from(["at", "service", "ok", "reason", "ms"]), _values))
def test_any_object_is_a_line(said: dict[str, object]) -> None:
    found = seen(json.dumps(said).encode())
    assert all(isinstance(value, str | int | bool) for value in found.fields.values())
    assert str(found.fields.get("reason", "")).isprintable()


@pytest.mark.parametrize("data", [b"[" * 60_000, b'{"ms":' + b"9" * 60_000 + b"}", b'{"at":"' + b"2" * 60_000])
def test_long_lines_are_read_in_no_time(data: bytes) -> None:
    assert seen(data).fields["action"] == "other"
