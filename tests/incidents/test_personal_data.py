"""A breach of personal data is told to another authority in a working day: by people, the house keeps the time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.clauses.beside import duty as cited
from senim.clauses.errors import UnknownClause
from senim.identity.hours import OfficeHours
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import operations, personal_data
from senim.incidents.assessment import Assessment, Breach, Data, Severity
from senim.incidents.checks import CHECKS
from senim.incidents.deeds import Assess, Withdraw
from senim.incidents.errors import BreachNoticeRefused, MayNotAct, NoBreach
from senim.incidents.models import BreachNotice, Exercise, Incident
from senim.incidents.personal_data import LAST_CALL, BreachDuty
from senim.kit.checks import Asked, Fault
from senim.kit.clock import now
from tests.incidents.conftest import MakeAlert
from tests.incidents.test_acts import ASSESSING, Staff, do

pytestmark = pytest.mark.django_db
OFFICE, TICK = OfficeHours(), timedelta(microseconds=1)
BREACHED = Assessment(Severity.HIGH, Breach.YES, data=(Data.PERSONAL,))


@pytest.fixture
def breach(analyst: Account, incident: Incident) -> Incident:
    do(analyst, incident, Assess(BREACHED, breach_known_at=incident.first_event_at))
    return incident


def duty_of(incident: Incident) -> BreachDuty:
    duty = personal_data.duty_of(incident, OFFICE)
    assert duty is not None
    return duty


def found(name: str, moment: datetime) -> list[Fault]:
    (check,) = (each for each in CHECKS if each.name == name)
    return list(check.find(Asked(settings.SENIM_INSTANCE, moment)))


def tell(account: Account, incident: Incident, **said: object) -> BreachNotice:
    given: dict[str, object] = {"told_at": now(), "reference": "letter 17", **said}
    return personal_data.note_told(account, incident.pk, **given)  # type: ignore[arg-type]


def test_the_law_stands_once_with_its_figure() -> None:
    law = cited("L94-V/25(2)(8)")
    assert law.figures["notice"].days == 1
    assert all([law.title.kk, law.title.ru, law.title.en, law.says.kk, law.says.ru, law.says.en])
    with pytest.raises(UnknownClause):
        cited("L94-V/25(2)(9)")


def test_until_the_same_hour_of_the_next_working_day() -> None:
    friday = datetime(2026, 11, 27, 15, tzinfo=ZoneInfo("Asia/Almaty"))
    assert personal_data.due_at(friday, OFFICE) == friday + timedelta(days=3)


def test_the_last_moment_is_in_time(breach: Incident) -> None:
    duty = duty_of(breach)
    assert not duty.is_late(duty.due_at)
    assert duty.is_late(duty.due_at + TICK)


def test_it_waits_in_sight_until_somebody_has_told_the_authority(analyst: Account, breach: Incident) -> None:
    duty = duty_of(breach)
    (waiting,) = found("incidents:breaches", now())
    assert breach.number in str(waiting)
    assert "is to be told" in str(waiting)
    (late,) = found("incidents:breaches", duty.due_at + TICK)
    assert "was to be told" in str(late)
    notice = tell(analyst, breach)
    assert found("incidents:breaches", duty.due_at + TICK) == []
    assert duty_of(breach).notice == notice
    assert not duty_of(breach).is_late(duty.due_at + timedelta(days=9))
    assert AuditRow.objects.get(action="incidents:breach:told").subject == breach.subject


def test_somebody_is_woken_when_little_time_is_left(breach: Incident) -> None:
    due = duty_of(breach).due_at
    assert found("incidents:breaches-due", due - LAST_CALL - TICK) == []
    assert len(found("incidents:breaches-due", due - LAST_CALL)) == 1
    assert len(found("incidents:breaches-due", due + timedelta(days=1))) == 1
    (check,) = (each for each in CHECKS if each.name == "incidents:breaches-due")
    assert check.wakes == timedelta(0)


@pytest.mark.refusal
def test_what_is_no_breach_brings_no_duty(analyst: Account, incident: Incident) -> None:
    do(analyst, incident, ASSESSING)
    assert personal_data.duty_of(incident, OFFICE) is None
    with pytest.raises(NoBreach):
        tell(analyst, incident)


@pytest.mark.refusal
def test_none_after_all(analyst: Account, breach: Incident) -> None:
    do(analyst, breach, Withdraw())
    assert personal_data.duty_of(breach, OFFICE) is None
    assert found("incidents:breaches", now()) == []


@pytest.mark.refusal
def test_an_exercise_brings_none(analyst: Account, raise_alert: MakeAlert, exercise: Exercise) -> None:
    played = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=Actor.process("worker"))
    do(analyst, played, Assess(BREACHED, breach_known_at=played.first_event_at))
    assert personal_data.duty_of(played, OFFICE) is None
    assert found("incidents:breaches", now()) == []


class TestTelling:
    """Who writes down that the authority was told says when, and by what it is found again."""

    def test_from_the_moment_on_in_which_it_was_known(self, analyst: Account, breach: Incident) -> None:
        assert breach.breach_known_at
        tell(analyst, breach, told_at=breach.breach_known_at)

    @pytest.mark.refusal
    @pytest.mark.parametrize("said", ["before", "later than now", "nothing", "blanks", "too much"])
    def test_nothing_else(self, analyst: Account, breach: Incident, said: str) -> None:
        assert breach.breach_known_at
        refused: dict[str, dict[str, object]] = {
            "before": {"told_at": breach.breach_known_at - TICK},
            "later than now": {"told_at": now() + timedelta(minutes=1)},
            "nothing": {"reference": ""},
            "blanks": {"reference": "  \n"},
            "too much": {"reference": "x" * 256},
        }
        with pytest.raises(BreachNoticeRefused):
            tell(analyst, breach, **refused[said])
        tell(analyst, breach, reference="x" * 255)

    def test_a_further_notice_supplements_the_first(self, analyst: Account, breach: Incident) -> None:
        first = tell(analyst, breach)
        tell(analyst, breach, reference="letter 18")
        assert duty_of(breach).notice == first

    @pytest.mark.refusal
    def test_who_only_looks_writes_nothing(self, staff: Staff, breach: Incident) -> None:
        with pytest.raises(MayNotAct):
            tell(staff(Role.AUDITOR), breach)

    @pytest.mark.refusal
    def test_it_is_never_changed(self, analyst: Account, breach: Incident) -> None:
        notice = tell(analyst, breach)
        with pytest.raises(DatabaseError), transaction.atomic():
            BreachNotice.objects.filter(pk=notice.pk).update(reference="another")
