"""An exercise is declared by an administrator who has shown a second factor just now, and by nobody else."""

from typing import Any

import pytest
from django.test import Client

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.identity.permissions import Role
from senim.incidents.models import Exercise
from tests.staff import new_staff

pytestmark = pytest.mark.django_db
ADDRESS = "/api/exercises"


@pytest.fixture
def administrator() -> Client:
    return new_staff(Role.ADMINISTRATOR).signs_in()


def declare(client: Client, body: str | bytes = '{"kind": 2}') -> Any:
    return client.post(ADDRESS, body, content_type="application/json")


def test_the_answer_holds_the_marker(administrator: Client) -> None:
    answer = declare(administrator)
    assert answer.status_code == 201
    exercise = Exercise.objects.get()
    assert answer.json()["marker"] == exercise.marker
    assert AuditRow.objects.filter(action=AuditAction.INCIDENTS_EXERCISE_DECLARED).exists()


@pytest.mark.parametrize(("body", "is_near_miss"), [('{"kind": 2}', False), ('{"kind": 2, "near_miss": true}', True)])
def test_it_says_beforehand_whether_anything_is_to_come_of_it(
    administrator: Client, body: str, is_near_miss: bool
) -> None:
    assert declare(administrator, body).status_code == 201
    assert Exercise.objects.get().is_near_miss is is_near_miss
    assert AuditRow.objects.get(action=AuditAction.INCIDENTS_EXERCISE_DECLARED).detail == {
        "clause": "R228/81-1(2)",
        **({"near_miss": True} if is_near_miss else {}),
    }


def test_without_a_fresh_factor_it_is_refused(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("senim.identity.guard.FRESH_SECONDS", 0)
    answer = declare(administrator)
    assert (answer.status_code, answer.json()["code"]) == (403, "identity:stale-factor")
    assert not Exercise.objects.exists()
    assert AuditRow.objects.get(action=AuditAction.IDENTITY_ACCESS_REFUSED).detail["why"] == "identity:stale-factor"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.HEAD_OF_IS])
def test_other_roles_are_refused(role: Role) -> None:
    staff = new_staff(role)
    answer = declare(staff.signs_in())
    assert (answer.status_code, answer.json()["code"]) == (403, "identity:not-permitted")
    row = AuditRow.objects.get(action=AuditAction.IDENTITY_ACCESS_REFUSED)
    assert (row.actor_name, row.subject) == (staff.account.username, staff.account.subject)
    assert row.detail == {
        "why": "identity:not-permitted",
        "permission": "incidents:exercise:declare",
        "route": "api/exercises",
    }
    event = Event.objects.get(tag="identity:access:refused")
    assert event.payload == {"user": staff.account.username, "src_ip": "127.0.0.1", **row.detail}


@pytest.mark.parametrize(
    "body",
    [
        *(
            "",
            "[]",
            '{"kind": 9}',
            '{"kind": "2"}',
            '{"kind": 2, "now": "2020"}',
            '{"kind": 2, "near_miss": 1}',
            "\xff",
        ),
        *(
            '{"kind": 2, "near_miss": 1}',
            b'{"\xff": 2}',
            b'{"kind": 2, "\x80": 1}',
            b'{"kind": "\xff"}',
            b'{"kind": 2, "x": ' + b"[" * 100_000,
        ),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(administrator: Client, body: str | bytes) -> None:
    assert declare(administrator, body).status_code == 400
    assert not Exercise.objects.exists()


def test_asking_is_no_declaring(administrator: Client) -> None:
    assert administrator.get(ADDRESS).status_code == 405


class TestItsEnd:
    """Whoever declared it says that nobody waits for more; that needs no fresh code."""

    @pytest.fixture
    def address(self, administrator: Client) -> str:
        told = declare(administrator, '{"kind": 2, "scenario": "copied session"}').json()
        assert Exercise.objects.get().scenario == "copied session"
        return f"{ADDRESS}/{told['id']}/end"

    def test_it_is_said_once(self, administrator: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("senim.identity.guard.FRESH_SECONDS", 0)
        first, again = administrator.post(address), administrator.post(address)
        assert (first.status_code, again.json()) == (200, first.json())

    @pytest.mark.refusal
    def test_by_nobody_else(self, address: str) -> None:
        other = new_staff(Role.ADMINISTRATOR, username="other").signs_in()
        assert other.post(address).json()["code"] == "incidents:exercise-not-permitted"
        assert new_staff(Role.ANALYST, username="analyst").signs_in().post(address).status_code == 403

    @pytest.mark.refusal
    def test_asking_is_no_ending(self, administrator: Client, address: str) -> None:
        assert administrator.get(address).status_code == 405
        assert administrator.post(f"{ADDRESS}/00000000-0000-7000-8000-000000000000/end").status_code == 404


@pytest.mark.refusal
@pytest.mark.parametrize("scenario", ['"' + "a" * 65 + '"', '"<b>"', "7", '"\\u0000"'])
def test_a_scenario_is_a_short_name(administrator: Client, scenario: str) -> None:
    assert declare(administrator, f'{{"kind": 2, "scenario": {scenario}}}').status_code == 400
