"""Journals of payment systems: each word read strictly, nothing in doubt passed on as certain."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed
from senim.telemetry.parsers.payments import MOST
from tests.telemetry.payments import RECIPIENT, record

READ_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IBAN, IIN = "KZ86125KZT5004100100", "000140000002"


def seen(line: bytes | str) -> Observed:
    data = line.encode() if isinstance(line, str) else line
    return parsers.parse("payments", Line(1, READ_AT.timestamp(), data), "bureau-1")


def test_an_execution() -> None:
    found = seen(record("executed"))
    assert found.at == datetime(2026, 11, 22, 10, 0, 0, 250000, tzinfo=UTC)
    assert found.fields == {
        "host": "bureau-1",
        "action": "refund-executed",
        "system": "billing",
        "ledger": "client-money",
        "refund": "rf-1",
        "amount": 1_500_000,
        "recipient": RECIPIENT,
        "user": "bolat",
        "approval": "ap-1",
        "execution": "ex-1",
        "day": "2026-11-22",
        "moment": "2026-11-22T10:00:00.250000+00:00",
        "marker": "",
    }


@pytest.mark.parametrize(
    ("event", "more"),
    [("requested", {}), ("approved", {"approval": "ap-1", "maker": "aliya"}), ("refused", {"step": "execute"})],
)
def test_the_other_events(event: str, more: dict[str, str]) -> None:
    fields = seen(record(event)).fields
    assert fields["action"] == f"refund-{event}"
    assert fields.items() >= more.items()


def test_an_execution_without_approval_is_a_record_like_others() -> None:
    assert seen(record("executed", approval="")).fields.items() >= {"action": "refund-executed", "approval": ""}.items()


@pytest.mark.parametrize(
    ("at", "day"), [("2026-11-22T00:30:00+05:00", "2026-11-22"), ("2026-11-21T19:30:00Z", "2026-11-21")]
)
def test_the_day_is_the_payment_system_s_own(at: str, day: str) -> None:
    found = seen(record("executed", at=at))
    assert found.at == datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
    assert found.fields["day"] == day


def test_an_exercise_is_known_by_its_ledger_alone() -> None:
    marker = "exercise-0123456789abcdef"
    assert seen(record("executed", ledger=f"{marker}-day")).fields["marker"] == marker
    assert seen(record("executed", refund=marker, user=marker, recipient=marker)).fields["marker"] == ""


@pytest.mark.parametrize("user", ["BOLAT", " bolat ", "bolat\u00a0", "ｂｏｌａｔ"])
def test_nobody_becomes_another_by_spelling(user: str) -> None:
    assert seen(record("executed", user=user)).fields["user"] == "bolat"


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        ({"amount": None}, "amount"),
        ({"amount": "1500000"}, "amount"),
        ({"amount": 1500000.0}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": MOST + 1}, "amount"),
        ({"approval": None}, "approval"),
        ({"execution": ""}, "execution"),
        ({"refund": ["rf-1"]}, "refund"),
        ({"refund": "rf 1"}, "refund"),
        ({"refund": "x" * 81}, "refund"),
        ({"ledger": ""}, "ledger"),
        ({"user": ""}, "user"),
        ({"user": "bo\u202elat"}, "user"),
        ({"user": "\ud800"}, "user"),
        ({"recipient": IBAN}, "recipient"),
        ({"recipient": "**************0100"}, "recipient"),
        ({"user": IIN}, "user"),
        ({"at": "2026-11-22T15:00:00"}, "at"),
        ({"at": 1795341600}, "at"),
        ({"system": None, "amount": None}, "amount,system"),
    ],
)
def test_what_cannot_be_understood_says_so(words: dict[str, object], unclear: str) -> None:
    fields = seen(record("executed", **words)).fields
    assert (fields["action"], fields["unclear"], fields["event"]) == ("refund-unclear", unclear, "refund-executed")


@pytest.mark.parametrize("amount", [1, MOST])
def test_amounts_are_exact(amount: int) -> None:
    assert seen(record("executed", amount=amount)).fields["amount"] == amount


@pytest.mark.parametrize(
    "line",
    [
        "",
        "refund-executed",
        "[]",
        "null",
        record("executed")[:80],
        record("executed").replace('"amount":', '"amount":1,"amount":'),
        record("executed").replace('"event":', '"event":"balance","event":'),
        '{"event":7}',
        "{}",
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_record_is_unclear(line: str) -> None:
    fields = seen(line).fields
    assert fields["action"] == "refund-unclear"
    assert fields["marker"] == ""


def test_another_event_is_another_event() -> None:
    assert seen(record("executed", event="balance-told", execution=None)).fields["action"] == "other"


@pytest.mark.refusal
@pytest.mark.parametrize(
    "event", ["refund_executed", "Refund-Executed", "refund-executed ", "refundExecuted", "payout"]
)
def test_what_may_have_moved_money_is_about_nothing_else(event: str) -> None:
    assert seen(record("executed", event=event)).fields["unclear"] == "event"


@pytest.mark.parametrize(
    ("at", "flaw"), [("2026-11-22T17:10:00+05:00", "future"), ("2024-11-22T17:00:00+05:00", "ancient")]
)
def test_a_moment_that_is_not_believed_is_that_of_reading(at: str, flaw: str) -> None:
    found = seen(record("executed", at=at))
    assert (found.at, found.fields["time_flaw"], found.fields["day"]) == (READ_AT, flaw, "2026-11-22")


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(data: bytes) -> None:
    assert seen(data).fields["action"] in {"refund-unclear", "other"}


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.text()))


@given(st.sampled_from(sorted(json.loads(record("executed")))), VALUES)
def test_whatever_stands_in_a_word_nothing_fails_and_amounts_are_whole(word: str, value: object) -> None:
    fields = seen(record("executed", **{word: value})).fields
    assert fields["action"] in {"refund-executed", "refund-unclear", "other", "refund-requested"}
    if fields["action"] == "refund-executed":
        assert type(fields["amount"]) is int
        assert 0 < fields["amount"] <= MOST
        assert all(fields[name] for name in ("system", "ledger", "refund", "recipient", "user", "execution", "day"))
