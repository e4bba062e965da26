"""An exercise is declared by an administrator who has shown a second factor just now, and by nobody else."""

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


def declare(client: Client, body: str | bytes = '{"kind": 2}') -> object:
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
