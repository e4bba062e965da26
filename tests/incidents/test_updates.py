"""What the regulator is told after the first notice: new victims at once, growth now and then, nothing twice."""

from datetime import timedelta
from typing import Any

import pytest

from senim.asoi.models import Message
from senim.audit.operations import Actor
from senim.incidents import operations
from senim.incidents.internal import telling
from senim.incidents.models import Exercise, Incident, Party
from senim.kit.clock import now
from tests.incidents.conftest import MakeAlert, pass_on

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
WORKER = Actor.process("worker")


def hit(raise_alert: MakeAlert, **parts: object) -> Incident:
    return operations.open_from_alert(raise_alert(**parts), actor=WORKER)


def told(incident: Incident) -> list[dict[str, Any]]:
    """The bodies of all messages about `incident`, in their order; their chain has no hole."""
    messages = list(Message.objects.filter(about=incident.subject).order_by("sequence"))
    assert [each.sequence for each in messages] == list(range(1, len(messages) + 1))
    assert [each.corrects_id for each in messages] == [None, *(each.pk for each in messages[:-1])]
    return [each.body for each in messages]


def names(body: dict[str, Any], role: str) -> list[str]:
    return [each["name"] for each in body["added"][role]]


class TestNewVictims:
    """Whom the attack hits later is told of at once."""

    def test_an_account(self, raise_alert: MakeAlert) -> None:
        hit(raise_alert)
        pass_on()
        incident = hit(raise_alert, account="root")
        first, update = told(incident)
        assert (update["type"], update["by"], update["state"]) == ("extent", "automatic", "open")
        assert names(update, "accounts") == ["root"]
        assert (first["account"], update["events"], update["concerned"]["accounts"]) == ("aliya", 18, 2)

    @pytest.mark.refusal
    def test_the_same_account_again_is_no_news(self, raise_alert: MakeAlert) -> None:
        hit(raise_alert)
        pass_on()
        assert len(told(hit(raise_alert))) == 1

    def test_those_hit_while_a_message_is_on_its_way_are_told_of_together_when_it_has_arrived(
        self, raise_alert: MakeAlert
    ) -> None:
        incident = hit(raise_alert)
        for name in ("root", "dana", "root", "ayan"):
            hit(raise_alert, account=name)
        assert len(told(incident)) == 1
        pass_on()
        _first, update = told(incident)
        assert names(update, "accounts") == ["root", "dana", "ayan"]
        assert not Party.objects.filter(told_in=None).exists()

    def test_more_than_one_message_holds_follow_in_the_next(
        self, raise_alert: MakeAlert, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telling, "MOST_NAMES", 2)
        incident = hit(raise_alert)
        for number in range(5):
            hit(raise_alert, account=f"user-{number}")
        pass_on()
        assert [len(names(body, "accounts")) for body in told(incident)[1:]] == [2, 2, 1]


class TestFurtherActors:
    """One by one while they are few, then at each doubling."""

    def test_two_hundred_addresses_are_one_attack_told_in_a_dozen_messages(self, raise_alert: MakeAlert) -> None:
        start = now()
        for number in range(200):
            moment = start + timedelta(seconds=number)
            incident = hit(raise_alert, actor=f"198.51.100.{number}", last_at=moment, first_at=moment, kind=3, count=1)
            pass_on()
        bodies = told(incident)
        assert Incident.objects.count() == 1
        assert [body["concerned"]["actors"] for body in bodies if body["events"] <= 16] == [1, 2, 3, 4, 5, 6, 7, 8, 16]
        assert [body["concerned"]["actors"] for body in bodies if body["events"] > 16] == [32, 64, 128]
        assert sum(len(names(body, "actors")) for body in bodies[1:]) == 127

    @pytest.mark.parametrize(("actors", "messages"), [(15, 8), (16, 9)])
    def test_the_doubling_is_to_the_one(self, raise_alert: MakeAlert, actors: int, messages: int) -> None:
        for number in range(actors):
            incident = hit(raise_alert, actor=f"198.51.100.{number}", count=1)
            pass_on()
        assert len(told(incident)) == messages


@pytest.mark.parametrize(("more", "messages"), [(80, 1), (81, 2)])
def test_ten_times_as_many_events_are_news_and_fewer_are_not(raise_alert: MakeAlert, more: int, messages: int) -> None:
    hit(raise_alert)
    pass_on()
    assert len(told(hit(raise_alert, count=more))) == messages


def test_two_thousand_requests_of_one_tool_are_one_incident_and_one_first_notice(raise_alert: MakeAlert) -> None:
    """Detection raises alerts at the 1st, 2nd, 4th … time; each counts what no earlier one had counted."""
    counts = [1 << power for power in range(10)]
    for count in [1, *counts, 2000 - 1 - sum(counts)]:
        incident = hit(raise_alert, kind=1, account="", count=count)
        pass_on()
    assert Incident.objects.get().event_count == 2000
    bodies = told(incident)
    assert [body["schema"] for body in bodies].count("urn:senim:incident-notice:2") == 1
    assert [body["events"] for body in bodies] == [1, 16, 256]


def test_updates_of_an_exercise_are_marked_in_what_is_signed(raise_alert: MakeAlert, exercise: Exercise) -> None:
    hit(raise_alert, marker=exercise.marker)
    pass_on()
    incident = hit(raise_alert, marker=exercise.marker, account="root")
    messages = Message.objects.filter(about=incident.subject)
    assert [(each.exercise, each.body["exercise"]) for each in messages] == [(True, True)] * 2


def test_a_message_about_something_else_tells_of_no_incident(raise_alert: MakeAlert) -> None:
    from senim.events.models import Event
    from senim.incidents import handlers

    hit(raise_alert)
    handlers.tell_what_waits(Event(payload={"about": "year:2026"}))
    assert Message.objects.count() == 1
