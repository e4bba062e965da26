"""*Coverage* says of each of the six kinds whether it would be seen, and how anybody knows."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from senim.asoi.internal.channel import Channel
from senim.asoi.models import Message
from senim.detection.models import RuleFile, RuleStatus
from senim.identity.permissions import Role
from senim.incidents.kinds import IncidentKind
from senim.incidents.operations import declare_exercise
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.telemetry.models import Notice
from senim.telemetry.notices import NoticeKind
from tests.asoi.conftest import channel, regulator
from tests.doors.console.conftest import new_incident
from tests.processes import Processes
from tests.reading import read_until
from tests.staff import new_staff

__all__ = ["channel", "regulator"]
pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
ADDRESS = "/en/coverage/"
SSHD, APACHE = {"least": 1, "of": ["sshd"]}, {"least": 1, "of": ["nginx-combined"]}


@pytest.fixture(autouse=True)
def everything_read(processes: Processes, instance: Instance) -> None:
    read_until(instance, now(), begun_at=now() - timedelta(minutes=1))


@pytest.fixture
def client() -> Client:
    return new_staff(Role.AUDITOR).signs_in()


def rule(title: str, kind: int | None, needs: object = SSHD, **more: object) -> RuleStatus:
    known = {"key": title, "file": f"bureau/sshd/{title}.yml", "line": 3, "state": "loaded", "title": title}
    return RuleStatus.objects.create(**{**known, "needs": needs, "kind": kind, "alerts": True, **more})


def read(client: Client) -> str:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def row_of(page: str, words: str) -> str:
    """The row of a table that says `words`."""
    (found,) = [row for row in re.findall(r"<tr>.*?</tr>", page) if words in row]
    return str(found)


def exported(client: Client) -> list[dict[str, Any]]:
    return list(json.loads(client.get(f"{ADDRESS}?format=json").getvalue()))


def test_a_kind_is_told_by_its_rules_and_their_sources(client: Client) -> None:
    rule("guessed", 2)
    page = read(client)
    assert "Watched, never exercised" in page
    assert page.count("Not watched") == 5 * 2
    row = row_of(page, "bureau/sshd/guessed.yml:3")
    assert "Sees" in row
    assert 'href="/en/sources/sshd/"' in row
    crossed = row_of(page, '<th scope="row"><a href="/en/sources/sshd/">sshd</a></th>')
    assert crossed.count("<td>") == 6
    assert crossed.count('class="cell cell-good">1</b>') == 1


@pytest.mark.refusal
def test_what_makes_it_blind_is_named(client: Client) -> None:
    rule("guessed", 2)
    rule("paid", 5, APACHE)
    rule("odd", 4, state="refused", reason="a rule needs an `id`")
    rule("broken", None, state="refused", reason="not a Sigma rule")
    RuleFile.objects.create(file="bureau/sshd/guessed.yml", loaded="aa")
    Notice.objects.create(source="sshd", epoch="e", seq=2, kind=NoticeKind.FILE_MISSING)
    page = read(client)
    guessed = row_of(page, "guessed.yml:3")
    assert "Sees nothing" in guessed
    assert "Its file was removed since detection read it" in guessed
    assert "Blind" in guessed
    assert "no source gives nginx-combined" in row_of(page, "paid.yml:3")
    assert "a rule needs an `id`" in row_of(page, "odd.yml:3")
    assert "kind not known" in row_of(page, "broken.yml:3")
    assert 'class="cell cell-bad">1</b>' in page


def test_the_last_exercise_is_led_to(client: Client, channel: Channel) -> None:
    rule("guessed", 2)
    administrator = new_staff(Role.ADMINISTRATOR).account
    exercise = declare_exercise(administrator, IncidentKind.UNAUTHORISED_ACCESS, fresh_second_factor=True)
    incident = new_incident(marker=exercise.marker)
    assert incident.number not in read(client)
    message = Message.objects.get(about=incident.subject)
    channel.seal(message)
    channel.deliver(message.pk)
    page = read(client)
    assert f'<a href="/en/incidents/{incident.pk}/">{incident.number}</a>, receipt after' in page
    assert "never exercised" not in page


def test_rules_are_exported_with_all_that_is_known(client: Client) -> None:
    rule("guessed", 2)
    told = exported(client)
    assert [row["kind"] for row in told] == [1, 2, 3, 4, 5, 6]
    assert told[1] == {
        "kind": 2,
        "state": "never-exercised",
        "rule": "guessed",
        "rule_id": "",
        "file": "bureau/sshd/guessed.yml",
        "line": 3,
        "rule_state": "loaded",
        "reason": "",
        "file_differs": None,
        "sees": "watched",
        "sources": [{"source": "sshd", "telemetry": "sshd", "state": "read"}],
        "missing": [],
        "exercised_at": None,
        "detected": None,
        "incident": None,
        "receipt_s": None,
    }
    assert (told[0]["state"], told[0]["rule"], told[0]["sees"]) == ("blind", "", None)
    lines = list(csv.DictReader(io.StringIO(client.get(f"{ADDRESS}?format=csv").getvalue().decode())))
    assert [line["state"] for line in lines] == [row["state"] for row in told]


@pytest.mark.parametrize(("sort", "first"), [("kind", 1), ("-kind", 6), ("rule", 1), ("-rule", 2), ("-sees", 2)])
def test_rules_are_sorted(client: Client, sort: str, first: int) -> None:
    rule("guessed", 2)
    told = json.loads(client.get(f"{ADDRESS}?sort={sort}&format=json").getvalue())
    assert told[0]["kind"] == first


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", ("Қамту", "Бақылаусыз", "Соңғы жаттығу")), ("ru", ("Охват", "Без наблюдения", "Последнее учение"))],
)
def test_it_speaks_the_readers_language(client: Client, language: str, words: tuple[str, ...]) -> None:
    page = client.get(f"/{language}/coverage/").content.decode()
    assert all(word in page for word in words)
