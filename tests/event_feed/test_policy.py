"""Nothing leaves that the policy does not name, and nothing that it names in a form that discloses somebody."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senim.event_feed.disclosure import Key, discloses
from senim.event_feed.settings import Chosen, event_feed_settings
from senim.kit.clock import now
from senim.kit.identification_number import is_valid
from senim.kit.instance import BadSettings, Instance, Profile
from senim.telemetry.parsers import Observed
from tests.event_feed.feeding import policy

pytestmark = pytest.mark.clause("R228/81-2")
IIN = "880101300010"


def seen(**fields: str | int | bool) -> Observed:
    return Observed(now(), "read", {"action": "password-failed", **fields}, "the whole line")


def instance(*tables: dict[str, object], **more: object) -> Instance:
    return Instance(Path("/nowhere"), Profile.PRODUCTION, {"event_feed": {"events": list(tables), **more}})


def test_what_is_named_goes_and_nothing_else() -> None:
    picked = policy().pick("sshd", seen(host="gate-1", src_ip="203.0.113.24", user="dana", port=22))
    assert picked is not None
    assert picked.fields == {"host": "gate-1", "src_ip": "203.0.113.24"}
    assert set(picked.keyed) == {"user"}


@pytest.mark.refusal
@pytest.mark.parametrize(("kind", "action"), [("sshd", "password-accepted"), ("door", "password-failed")])
def test_an_event_that_is_not_named_stays(kind: str, action: str) -> None:
    assert policy().pick(kind, seen(action=action, host="gate-1")) is None


def test_a_hash_is_alike_where_the_value_is_and_under_no_other_key() -> None:
    one, other = Key("one"), Key("other")
    assert one.hashed("dana") == one.hashed("dana")
    assert len({one.hashed("dana"), one.hashed("Dana"), other.hashed("dana")}) == 3


def test_the_number_used_here_is_one() -> None:
    assert is_valid(IIN)


@pytest.mark.refusal
@pytest.mark.parametrize(
    "value",
    [
        IIN,
        f"client-{IIN}",
        f"1{IIN}",
        "dana@example.kz",
        "Дана",
        "Dana Serik",
        "eyJhbGciOiJIUzI1NiJ9abcdef",
        "a" * 24,
        "a" * 121,
        "",
    ],
)
def test_what_may_disclose_somebody_goes_keyed(value: str) -> None:
    assert discloses(value)


@pytest.mark.parametrize("value", ["gate-1", "203.0.113.24", "2001:db8::1", "a" * 23, "880101300011", "/srv/uploads"])
def test_a_machines_own_words_go_as_they_stand(value: str) -> None:
    assert not discloses(value)


_digits = st.from_regex(r"[0-9]{12,20}", fullmatch=True)
_tokens = st.from_regex(r"[A-Za-z0-9_-]{24,40}", fullmatch=True)
_values = st.one_of(
    st.text(max_size=30), _digits, _tokens, st.just(IIN), st.just(f"x{IIN}"), st.integers(0, 10**15), st.booleans()
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["host", "src_ip", "user", "agent", "token", "iin", "note"]), _values))
def test_no_number_of_a_person_no_token_and_no_unnamed_value_ever_leaves(given_: dict[str, str | int | bool]) -> None:
    picked = policy().pick("sshd", seen(**given_))
    assert picked is not None
    assert set(picked.fields) <= {"host", "src_ip"}
    assert set(picked.fields) | set(picked.keyed) <= {"host", "src_ip", "user"}
    assert "user" not in picked.fields
    told = json.dumps([dict(picked.fields), dict(picked.keyed)])
    assert not any(is_valid(found[1]) for found in re.finditer(r"(?=([0-9]{12}))", told))
    for value in picked.fields.values():
        assert not re.search(r"[A-Za-z0-9_-]{24,}|[^ -~]|[@\s]", str(value))


def test_an_instance_that_names_none_has_the_default() -> None:
    events = event_feed_settings(instance()).events
    assert {"sshd", "platform", "payments"} <= {chosen.kind for chosen in events}
    again = instance(*({name: list(v) if isinstance(v, tuple) else v for name, v in _as_table(c)} for c in events))
    assert event_feed_settings(again).events == events  # it keeps the rules that it sets for others


def _as_table(chosen: Chosen) -> list[tuple[str, object]]:
    return [(name, getattr(chosen, name)) for name in chosen.__struct_fields__]


def test_an_instance_that_names_some_has_these_alone() -> None:
    told = instance({"kind": "sshd", "actions": ["password-failed"], "fields": ["host"]}, batch_events=250)
    assert event_feed_settings(told).events == (Chosen("sshd", ("password-failed",), ("host",)),)


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"kind": "sshdd", "actions": ["a"]}, "the kind is unknown"),
        ({"kind": "sshd", "actions": []}, "actions"),
        ({"kind": "sshd", "actions": ["*"]}, "'*' is no action"),
        ({"kind": "sshd", "actions": ["a", "a"]}, "'a' is named twice"),
        ({"kind": "sshd", "actions": ["a"], "fields": ["host"], "keyed": ["host"]}, "'host' is named twice"),
        ({"kind": "sshd", "actions": ["a"], "fields": ["*"]}, "'*' is no field"),
        ({"kind": "sshd", "actions": ["a"], "fields": ["user"]}, "keyed or not at all"),
        ({"kind": "postgresql", "actions": ["a"], "keyed": ["statement"]}, "goes in no form"),
        ({"kind": "platform", "actions": ["asoi:message:delivered"]}, "tells of the channel itself"),
        ({"kind": "sshd", "actions": ["a"], "field": ["host"]}, "field is unknown"),
    ],
)
def test_what_nobody_understands_is_refused_by_name(table: dict[str, object], said: str) -> None:
    with pytest.raises(BadSettings) as refusal:
        event_feed_settings(instance(table))
    assert said in str(refusal.value)
    assert "/nowhere/senim.toml" in str(refusal.value)


@pytest.mark.refusal
def test_a_kind_is_named_once() -> None:
    table = {"kind": "sshd", "actions": ["a"]}
    with pytest.raises(BadSettings, match="named twice"):
        event_feed_settings(instance(table, table))


@pytest.mark.refusal
@pytest.mark.parametrize(("events", "good"), [(249, False), (250, True), (10_000, True), (10_001, False)])
def test_a_batch_has_its_bounds(events: int, good: bool) -> None:
    told = instance(batch_events=events)
    if good:
        assert event_feed_settings(told).batch_events == events
    else:
        with pytest.raises(BadSettings):
            event_feed_settings(told)
