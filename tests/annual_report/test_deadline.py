"""Until when the regulator is to have it, and who is told how early: both sides of every boundary."""

from datetime import UTC, datetime, timedelta

import pytest

from senim.annual_report import operations, queries
from senim.annual_report.checks import CHECKS
from senim.annual_report.composing import Composed
from senim.asoi.models import Message
from senim.audit import queries as audit
from senim.audit.operations import Actor
from senim.identity.models import Account
from senim.kit.checks import Asked, Fault
from senim.kit.instance import Instance

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/79")]
DUE, SOON = CHECKS


@pytest.fixture
def owing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house whose audit log began in 2025."""
    monkeypatch.setattr(audit, "began_at", lambda: datetime(2025, 6, 1, tzinfo=UTC))


def almaty(*parts: int) -> datetime:
    """A moment by the bureau's clock."""
    return datetime(*parts, tzinfo=UTC) - timedelta(hours=5)  # type: ignore[misc,arg-type]


def faults(check: object, instance: Instance, at: datetime) -> list[Fault]:
    return list(check.find(Asked(instance, at)))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("at", "due", "soon"),
    [
        (almaty(2025, 12, 31, 23, 59), 0, 0),
        (almaty(2026, 1, 1, 0, 0), 1, 0),
        (almaty(2026, 1, 16, 23, 59), 1, 0),
        (almaty(2026, 1, 17, 0, 0), 1, 1),
        (almaty(2026, 1, 20, 23, 59), 1, 1),
        (almaty(2026, 1, 21, 0, 0), 1, 1),
    ],
)
def test_it_is_told_of_from_the_year_s_end_and_people_are_woken_at_the_last(
    instance: Instance, owing: None, at: datetime, due: int, soon: int
) -> None:
    assert (len(faults(DUE, instance, at)), len(faults(SOON, instance, at))) == (due, soon)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (almaty(2026, 1, 19, 12, 0), "1 day is left"),
        (almaty(2026, 1, 20, 23, 59), "is to be submitted today"),
        (almaty(2026, 1, 21, 0, 0), "was to be submitted by 20.01.2026, 1 day ago"),
    ],
)
def test_the_last_day_itself_is_in_time(instance: Instance, owing: None, at: datetime, words: str) -> None:
    (fault,) = faults(DUE, instance, at)
    assert words in str(fault.what)


def test_reminders_begin_in_december(instance: Instance, owing: None) -> None:
    assert DUE.remark is not None
    assert DUE.remark(Asked(instance, almaty(2025, 11, 30, 12, 0))) == ""
    assert "50 days are left" in str(DUE.remark(Asked(instance, almaty(2025, 12, 1, 12, 0))))


@pytest.mark.refusal
def test_a_year_before_the_house_began_is_not_owed(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "began_at", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    assert faults(DUE, instance, almaty(2026, 11, 27, 12, 0)) == []
    assert [duty.year for duty in queries.duties(instance, almaty(2026, 11, 27, 12, 0))] == [2026]


@pytest.mark.refusal
def test_filed_is_not_received(instance: Instance, owing: None, composed: Composed, filled: Account) -> None:
    at = almaty(2026, 1, 20, 12, 0)
    said = {"sha256": composed.sha256, "reason": "", "fresh_second_factor": True}
    filing = operations.file(filled, composed, **said)  # type: ignore[arg-type]
    report = operations.tell(instance, filing.pk, actor=Actor.process("worker"))
    (fault,) = faults(SOON, instance, at)
    assert "It was filed" in str(fault.remedy)
    assert queries.duty(2025).received_at is None
    assert Message.objects.get(pk=report.message_id).state == Message.State.QUEUED
