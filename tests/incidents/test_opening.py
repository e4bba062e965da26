"""An alert of one of the six kinds becomes an incident, and the message to the regulator with it, or neither."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from senim.asoi.models import Message
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.events.models import Event
from senim.incidents import operations, queries
from senim.incidents.errors import NotOneOfTheSix
from senim.incidents.internal import opening, scopes
from senim.incidents.models import Incident, Party
from senim.kit.clock import now
from tests.incidents.conftest import MakeAlert

pytestmark = pytest.mark.django_db
WORKER = Actor.process("worker")


def _open(alert: object) -> Incident:
    return operations.open_from_alert(alert, actor=WORKER)  # type: ignore[arg-type]


@pytest.mark.clause("R228/81-1(2)")
class TestOpening:
    """Unauthorised access is told at once."""

    def test_an_alert_opens_an_incident_of_its_kind(self, raise_alert: MakeAlert) -> None:
        incident = _open(raise_alert())
        assert (incident.kind, incident.target, incident.actor) == (2, "core-1", "203.0.113.7")
        assert incident.clause == "R228/81-1(2)"

    def test_the_message_waits_in_the_same_transaction(self, raise_alert: MakeAlert) -> None:
        incident = _open(raise_alert())
        message = Message.objects.get(about=incident.subject)
        assert message.body["number"] == incident.number
        assert message.body["kind"]["clause"] == "R228/81-1(2)"
        assert AuditRow.objects.filter(subject=incident.subject, action="incidents:incident:opened").count() == 1
        assert Event.objects.filter(subject=incident.subject, tag="incidents:incident:opened").count() == 1

    def test_if_the_message_cannot_be_queued_there_is_no_incident_either(self, raise_alert: MakeAlert) -> None:
        alert = raise_alert()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE asoi_message RENAME TO asoi_message_away")
            with pytest.raises(DatabaseError):
                _open(alert)
            cursor.execute("ALTER TABLE asoi_message_away RENAME TO asoi_message")
        assert not Incident.objects.exists()
        assert not AuditRow.objects.filter(action="incidents:incident:opened").exists()

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-1")
    def test_an_alert_that_is_none_of_the_six_kinds_is_no_incident(self, raise_alert: MakeAlert) -> None:
        for kind in (None, 0, 7):
            with pytest.raises(NotOneOfTheSix), transaction.atomic():
                _open(raise_alert(kind=kind))
        assert not Incident.objects.exists()
        assert not Message.objects.exists()

    def test_the_evidence_leaves_as_hashes_and_the_lines_stay(self, raise_alert: MakeAlert) -> None:
        message = Message.objects.get(about=_open(raise_alert()).subject)
        assert message.body["evidence"][0]["sha256"] == "00" * 32
        assert "a line" not in str(message.body)


class TestJoining:
    """One attack is one incident."""

    def test_a_second_alert_of_the_attack_joins_and_sends_no_second_first_notice(self, raise_alert: MakeAlert) -> None:
        first, second = _open(raise_alert()), _open(raise_alert())
        assert first.pk == second.pk
        assert (second.alert_count, second.event_count) == (2, 18)
        assert Message.objects.filter(about=first.subject).count() == 1

    def test_another_actor_is_the_same_attack(self, raise_alert: MakeAlert) -> None:
        assert _open(raise_alert()).pk == _open(raise_alert(actor="203.0.113.8")).pk

    @pytest.mark.parametrize("other", [{"kind": 3}, {"target": "core-2"}])
    def test_another_kind_or_target_is_another_incident(self, raise_alert: MakeAlert, other: dict[str, object]) -> None:
        assert _open(raise_alert()).pk != _open(raise_alert(**other)).pk

    @pytest.mark.parametrize(("apart", "same"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
    def test_the_window_is_an_hour_between_events_to_the_microsecond(
        self, raise_alert: MakeAlert, apart: timedelta, same: bool
    ) -> None:
        end = now() - timedelta(hours=3)
        first = _open(raise_alert(last_at=end))
        start = end + scopes.JOIN_WINDOW + apart
        second = _open(raise_alert(last_at=start + timedelta(seconds=1), first_at=start))
        assert (first.pk == second.pk) is same

    def test_every_account_that_an_attack_hits_stays_on_record(self, raise_alert: MakeAlert) -> None:
        start = now()
        names = ["aliya", "root", "aliya", ""]
        for minute, name in enumerate(names):
            incident = _open(raise_alert(account=name, last_at=start + timedelta(minutes=minute)))
        found = [(each.name, each.events) for each in queries.parties(incident, Party.Role.ACCOUNT)]
        assert found == [("aliya", 18), ("root", 9)]
        assert queries.incidents().get().account_count == 2
        assert list(queries.concerning("ROO")) == [incident.pk]

    def test_late_events_widen_the_incident_backwards(self, raise_alert: MakeAlert) -> None:
        incident = _open(raise_alert())
        earlier = incident.first_event_at - timedelta(minutes=5)
        joined = _open(raise_alert(first_at=earlier, last_at=earlier + timedelta(seconds=9)))
        assert joined.first_event_at == earlier
        assert joined.last_event_at == incident.last_event_at

    @pytest.mark.parametrize(
        ("moment", "year"),
        [
            (datetime(2026, 12, 31, 18, 59, 59, 999999, tzinfo=UTC), 2026),
            (datetime(2026, 12, 31, 19, 0, 0, tzinfo=UTC), 2027),
        ],
    )
    def test_the_year_is_almaty_s(
        self, raise_alert: MakeAlert, monkeypatch: pytest.MonkeyPatch, moment: datetime, year: int
    ) -> None:
        monkeypatch.setattr(opening, "read_clock", lambda: moment)
        assert _open(raise_alert()).number == f"{year}-000001"

    def test_numbers_follow_each_other_within_the_year(self, raise_alert: MakeAlert) -> None:
        numbers = [_open(raise_alert(target=f"core-{n}")).serial for n in range(3)]
        assert numbers == [1, 2, 3]
