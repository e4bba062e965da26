"""Alerts and people that incidents are opened from."""

import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import senim.incidents
from senim.asoi.models import Message
from senim.asoi.operations import export
from senim.audit.operations import Actor
from senim.detection.models import Alert, RuleStatus
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import handlers, operations, prose
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise, Incident
from senim.kit.clock import now
from senim.kit.instance import Profile

MakeAlert = Callable[..., Alert]
_WORDS = {"IncidentNotice": prose.notice_in_words, "IncidentUpdate": prose.update_in_words}
_SCHEMAS = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(senim.incidents.__file__).parent / "schemas").glob("*.json"))
]
VALIDATORS = {schema["$id"]: Draft202012Validator(schema) for schema in _SCHEMAS}


@pytest.fixture(autouse=True)
def _what_was_told_is_as_published(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test lets the house tell of incidents is held against the published schema."""
    yield
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        hold_against_schemas()


def hold_against_schemas() -> None:
    """Every message about an incident is as its schema says, and its words say what its fields say."""
    for message in Message.objects.filter(about__startswith="incident:"):
        VALIDATORS[message.body["schema"]].validate(message.body)
        fields = {name: value for name, value in message.body.items() if name != "text"}
        assert message.body["text"] == _WORDS[message.kind](fields)


def pass_on() -> None:
    """Let everything that was told leave as a file, message by message, and hear the news of it."""
    while message := Message.objects.filter(state="queued").order_by("created_at", "id").first():
        Message.objects.filter(pk=message.pk).update(state="sealed", sealed=b"sealed", sha256="00" * 32)
        export(message.pk, actor=Actor.process("operator"))
        handlers.tell_what_waits(Event(payload={"about": message.about}))


@pytest.fixture
def raise_alert() -> MakeAlert:
    """Write an alert as detection does; every part can be said otherwise."""

    def make(**parts: object) -> Alert:
        last = parts.pop("last_at", now())
        assert isinstance(last, datetime.datetime)
        said: dict[str, object] = {
            "rule_id": "2b1ba2f8-6e0c-4d0b-9d0f-111111111111",
            "rule_title": "Many failed passwords, then one accepted",
            "kind": 2,
            "level": "high",
            "target": "core-1",
            "actor": "203.0.113.7",
            "account": "aliya",
            "source": "sshd",
            "first_at": last - datetime.timedelta(seconds=30),
            "last_at": last,
            "count": 9,
            "explanation": {},
            "evidence": [{"source": "sshd", "epoch": "e", "seq": 1, "at": "x", "sha256": "00" * 32, "text": "a line"}],
        }
        return Alert.objects.create(**{**said, **parts})

    return make


@pytest.fixture
def staff() -> Callable[[Role], Account]:
    """An account of the staff with this role."""

    def make(role: Role) -> Account:
        return Account.objects.create(
            username=f"test-{role.value}", full_name="Test", role=role.value, born_in=Profile.DEMONSTRATION.value
        )

    return make


@pytest.fixture
def rules() -> None:
    """The rule of `raise_alert`, and one beside it by which kind 2 is graded; a third looks at something else."""
    known = {"2b1ba2f8-6e0c-4d0b-9d0f-111111111111": ("sshd", None), "grades": ("sshd", 2), "other": ("payments", None)}
    for number, (rule, (telemetry, kind)) in enumerate(known.items()):
        RuleStatus.objects.create(
            key=rule, rule_id=rule, file="r.yml", line=number, state="loaded", kind=kind, alerts=True,
            needs={"least": 1, "of": [telemetry]},
        )  # fmt: skip


@pytest.fixture
def exercise(staff: Callable[[Role], Account]) -> Exercise:
    """An exercise of kind 2, declared just now."""
    kind = IncidentKind.UNAUTHORISED_ACCESS
    return operations.declare_exercise(staff(Role.ADMINISTRATOR), kind, fresh_second_factor=True)


@pytest.fixture
def analyst(staff: Callable[[Role], Account]) -> Account:
    """Somebody who works on incidents."""
    return staff(Role.ANALYST)


@pytest.fixture
def incident(raise_alert: MakeAlert) -> Incident:
    """An incident of kind 2, opened just now."""
    return operations.open_from_alert(raise_alert(), actor=Actor.process("worker"))
