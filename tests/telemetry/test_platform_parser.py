"""The platform's own events are read back as they were written."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from senim.kit import canonical
from senim.kit.clock import iso
from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed

AT = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def parse(data: bytes) -> Observed:
    return parsers.parse("platform", Line(1, (AT + timedelta(seconds=1)).timestamp(), data), "bureau-1")


def row(**payload: Any) -> bytes:
    tag = "identity:session:refused"
    return canonical.dumps({"id": "1", "at": iso(AT), "tag": tag, "subject": "account:7", "payload": payload})


def test_tag_subject_and_payload_are_fields() -> None:
    seen = parse(row(reason="password", door={"name": "console", "tls": True}, tries=[3]))
    assert (seen.at, seen.time_basis) == (AT, "line")
    assert seen.fields == {
        "host": "bureau-1", "id": "1", "action": "identity:session:refused", "tag": "identity:session:refused",
        "subject": "account:7", "reason": "password", "door.name": "console", "door.tls": True, "tries.0": 3,
        "marker": "",
    }  # fmt: skip


def test_a_payload_cannot_replace_what_the_platform_says() -> None:
    fields = parse(row(tag="x", subject="y", id="z", host="h", action="a", time_flaw="future")).fields
    assert (fields["tag"], fields["subject"], fields["id"]) == ("identity:session:refused", "account:7", "1")
    assert (fields["host"], fields["action"]) == ("bureau-1", "identity:session:refused")
    assert "time_flaw" not in fields


@given(st.one_of(st.binary(), st.recursive(st.none() | st.floats(allow_nan=False), st.lists).map(str).map(str.encode)))
def test_garbage_is_kept_and_never_raises(data: bytes) -> None:
    seen = parse(data)
    assert (seen.fields["action"], seen.fields["time_flaw"], seen.time_basis) == ("other", "unreadable", "read")


def test_endless_nesting_is_garbage_too() -> None:
    assert parse(b"[" * 100_000).fields["action"] == "other"
