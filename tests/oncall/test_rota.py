"""Who is on call: by place, by days of Almaty, by weeks that begin on Monday."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from senim.identity.models import Account
from senim.oncall import queries, roster
from senim.oncall.models import Duty
from tests.oncall.conftest import START, TESTER, put_on_call

pytestmark = pytest.mark.django_db


def names(moment: datetime) -> list[str]:
    return [account.username for account in queries.on_call(moment)]


def test_the_order_is_that_of_places(second: Account) -> None:
    put_on_call("aa-third", 3)
    assert names(START) == ["aliya", "berik", "aa-third"]


def test_nobody_is_named_twice(first: Account) -> None:
    roster.add_duty(first, place=4, since=date(2026, 1, 1), until=None, every_weeks=1, actor=TESTER)
    assert names(START) == ["aliya"]


@pytest.mark.parametrize(
    ("moment", "is_on"),
    [
        (datetime(2026, 3, 4, 18, 59, 59, 999999, tzinfo=UTC), False),
        (datetime(2026, 3, 4, 19, 0, tzinfo=UTC), True),  # midnight in Almaty: the fifth begins
        (datetime(2026, 3, 6, 18, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 3, 6, 19, 0, tzinfo=UTC), False),  # the seventh begins
    ],
)
def test_a_line_holds_from_its_first_midnight_to_its_last(db: None, moment: datetime, is_on: bool) -> None:
    put_on_call("dana", 1, since=date(2026, 3, 5), until=date(2026, 3, 6))
    assert bool(names(moment)) is is_on


def test_three_take_turns_week_by_week(db: None) -> None:
    for week, name in enumerate(("one", "two", "three")):
        put_on_call(name, 1, since=date(2026, 3, 2) + timedelta(weeks=week), every_weeks=3)
    weeks = [names(START + timedelta(weeks=week)) for week in range(7)]
    assert weeks == [["one"], ["two"], ["three"], ["one"], ["two"], ["three"], ["one"]]


@pytest.mark.parametrize(
    ("moment", "is_on"),
    [
        (datetime(2026, 3, 8, 18, 59, 59, tzinfo=UTC), True),  # Sunday night of the first week
        (datetime(2026, 3, 8, 19, 0, tzinfo=UTC), False),  # Monday in Almaty
        (datetime(2026, 3, 15, 19, 0, tzinfo=UTC), True),
    ],
)
def test_weeks_begin_on_monday_in_almaty(db: None, moment: datetime, is_on: bool) -> None:
    put_on_call("dana", 1, since=date(2026, 3, 4), every_weeks=2)  # a Wednesday: its week is the one it lies in
    assert bool(names(moment)) is is_on


def test_a_week_is_counted_over_the_turn_of_the_year(db: None) -> None:
    """2026 has 53 weeks: a rota by the number of the week would skip or repeat somebody."""
    put_on_call("even", 1, since=date(2026, 12, 21), every_weeks=2)
    put_on_call("odd", 1, since=date(2026, 12, 28), every_weeks=2)
    monday = datetime(2026, 12, 21, 12, tzinfo=UTC)
    assert [names(monday + timedelta(weeks=week)) for week in range(4)] == [["even"], ["odd"], ["even"], ["odd"]]


def test_whoever_left_the_list_or_the_house_is_not_on_call(second: Account) -> None:
    second.is_active = False
    second.save()
    assert names(START) == ["aliya"]
    roster.end_duty(Duty.objects.get(account__username="aliya"), actor=TESTER)
    assert names(START) == []


def test_a_line_that_was_ended_stays_on_record_and_never_comes_back(first: Account) -> None:
    from django.db import DatabaseError, transaction

    line = Duty.objects.get()
    roster.end_duty(line, actor=TESTER)
    with pytest.raises(DatabaseError, match="only ends"), transaction.atomic():
        Duty.objects.update(ended_at=None)
    with pytest.raises(DatabaseError, match="only ends"), transaction.atomic():
        Duty.objects.update(place=2)


@pytest.mark.parametrize(
    "wrong",
    [{"place": 0}, {"place": 21}, {"every_weeks": 0}, {"every_weeks": 53}, {"until": date(2025, 12, 31)}],
)
def test_a_line_that_makes_no_sense_is_refused(first: Account, wrong: dict[str, object]) -> None:
    right = {"place": 20, "since": date(2026, 1, 1), "until": date(2026, 1, 1), "every_weeks": 52}
    roster.add_duty(first, **right, actor=TESTER)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        roster.add_duty(first, **{**right, **wrong}, actor=TESTER)  # type: ignore[arg-type]
