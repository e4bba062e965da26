"""The page of how promptly the regulator was told."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from senim.asoi.models import Attempt, Message
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.kit.clock import now
from tests.doors.console.test_pages import read
from tests.staff import new_staff

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]


@pytest.fixture
def client() -> Client:
    return new_staff(Role.ANALYST).signs_in()


@pytest.fixture
def late(incident: Incident) -> Incident:
    """The regulator has given no receipt for a minute."""
    message = Message.objects.get(about=incident.subject, sequence=1)
    began = now() - timedelta(minutes=1)
    Attempt.objects.create(message=message, started_at=began, ended_at=now(), outcome="unreachable")
    return incident


def test_before_there_is_an_incident_it_says_so(client: Client) -> None:
    assert "No incident in this time" in read(client, "/en/promptness/")


def test_late_ones_are_explained(client: Client, late: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = now() + timedelta(minutes=2)
    monkeypatch.setattr("senim.doors.console.views.promptness.read_clock", lambda: moment)
    page = read(client, "/en/promptness/?late=only")
    assert "1 incident took longer than the aim" in page
    assert late.number in page
    assert "tries in vain: 1" in page
    assert "No receipt yet" in page


def test_as_a_file(client: Client, late: Incident) -> None:
    (row,) = json.loads(b"".join(client.get("/en/promptness/?format=json").streaming_content))  # type: ignore[attr-defined]
    assert (row["number"], row["kind"], row["receipt_s"]) == (late.number, "R228/81-1(2)", None)


@pytest.mark.parametrize("asked", ["days=8", "counted=all", "late=yes", "sort=why"])
def test_what_is_none_of_the_choices_is_refused(client: Client, asked: str) -> None:
    assert client.get(f"/en/promptness/?{asked}").status_code == 400
