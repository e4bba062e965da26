"""Outages become incidents of kind 6, or join the one of the attack that brought them about."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import InternalError, ProgrammingError, transaction

from senim.asoi.models import Message
from senim.audit.operations import Actor
from senim.availability.models import Outage
from senim.detection.models import Alert
from senim.incidents import queries
from senim.incidents.internal.scopes import JOIN_WINDOW
from senim.incidents.models import Downtime, Incident
from senim.incidents.operations import open_from_alert
from tests.availability.conftest import services as services  # noqa: PLC0414 - a fixture
from tests.availability.samples import at, every, see
from tests.incidents.conftest import MakeAlert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
HOUR = 3600.0
WORKER = Actor.process("worker")


def down() -> Alert:
    """The website is down for more than an hour."""
    (alert,) = [each for each in see([*every(60, 0, HOUR + 61, False)]) if each.kind == 6]
    return alert


@pytest.fixture(autouse=True)
def one_transaction() -> Iterator[None]:
    with transaction.atomic():
        yield


@pytest.mark.clause("R228/81-1(6)")
def test_it_opens_an_incident_and_the_regulator_is_told_of_the_downtime() -> None:
    incident = open_from_alert(down(), actor=WORKER)
    assert (incident.kind, incident.target, incident.clause) == (6, "web", "R228/81-1(6)")
    assert incident.first_event_at == at(0)
    (told,) = Message.objects.get().body["downtime"]
    assert told == {"service": "web", "started_at": "2026-11-22T09:00:00.000Z", "ended_at": None}


def test_its_end_is_seen_with_the_incident() -> None:
    incident = open_from_alert(down(), actor=WORKER)
    see([(HOUR + 120, True)])
    (downtime,) = queries.downtimes_of(incident)
    assert (downtime.started_at, downtime.ended_at) == (at(0), at(HOUR + 120))


def test_the_warning_before_it_belongs_to_it_and_waits_for_nobody() -> None:
    see(every(60, 0, 2760, False))
    assert queries.waiting_alerts() == 1
    (alert,) = see(every(60, 2760, HOUR + 61, False))
    incident = open_from_alert(alert, actor=WORKER)
    assert queries.waiting_alerts() == 0
    assert [each.kind for each in queries.alerts_of(incident)] == [6, None]


@pytest.mark.clause("R228/81-1(6)")
class TestAttackBefore:
    """Downtime that came of an incident of items 1 to 5 belongs to that one; both sides of what is near."""

    def attacked(self, raise_alert: MakeAlert, seconds: float, **parts: object) -> Incident:
        last = at(seconds)
        said = {"kind": 3, "target": "web-1", "actor": "", "last_at": last, "first_at": last - timedelta(seconds=1)}
        return open_from_alert(raise_alert(**{**said, **parts}), actor=WORKER)

    def test_it_joins_and_keeps_the_kind(self, raise_alert: MakeAlert) -> None:
        attack = self.attacked(raise_alert, -60)
        incident = open_from_alert(down(), actor=WORKER)
        assert incident == attack
        assert incident.kind == 3
        assert Incident.objects.count() == 1
        assert [each.outage.service for each in queries.downtimes_of(incident)] == ["web"]
        assert queries.incident_of_outage(Outage.objects.get().pk) == attack

    @pytest.mark.parametrize(
        "parts",
        [{"target": "other-1"}, {"kind": 6, "target": "web"}],
        ids=["on something else", "that is an outage itself"],
    )
    def test_an_incident_that_does_not_explain_it_is_another(
        self, raise_alert: MakeAlert, parts: dict[str, object]
    ) -> None:
        attack = self.attacked(raise_alert, -60, **parts)
        assert open_from_alert(down(), actor=WORKER) != attack
        assert Incident.objects.count() == 2

    @pytest.mark.parametrize(("beyond", "joins"), [(timedelta(), True), (timedelta(microseconds=1), False)])
    def test_an_hour_behind_it_is_near(self, raise_alert: MakeAlert, beyond: timedelta, joins: bool) -> None:
        attack = self.attacked(raise_alert, 0, last_at=at(0) - JOIN_WINDOW - beyond)
        assert (open_from_alert(down(), actor=WORKER) == attack) is joins

    @pytest.mark.parametrize(("seconds", "joins"), [(300, True), (300.000001, False)])
    def test_what_began_after_the_outage_did_not_bring_it_about(
        self, raise_alert: MakeAlert, seconds: float, joins: bool
    ) -> None:
        attack = self.attacked(raise_alert, seconds + 1, first_at=at(seconds))
        assert (open_from_alert(down(), actor=WORKER) == attack) is joins


def test_two_outages_of_a_service_are_two_incidents() -> None:
    first = open_from_alert(down(), actor=WORKER)
    see(every(60, HOUR + 120, HOUR + 600, True))
    (alert,) = [each for each in see(every(60, HOUR + 600, 2 * HOUR + 720, False)) if each.kind == 6]
    second = open_from_alert(alert, actor=WORKER)
    assert first != second


def test_to_which_incident_an_outage_belongs_is_never_changed() -> None:
    incident = open_from_alert(down(), actor=WORKER)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        Downtime.objects.filter(incident=incident).update(joined_at=at(0))
