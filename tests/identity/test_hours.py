"""When the bureau works: by its settings and Kazakhstan's calendar, at its own place."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from senim.identity import working_time
from senim.identity.hours import OfficeHours
from senim.identity.working_time import Hours

ALMATY = ZoneInfo("Asia/Almaty")
OFFICE = OfficeHours(time(9), time(18), (date(2026, 11, 21),), (date(2026, 11, 24),))


@pytest.mark.parametrize(
    ("known", "until"),
    [
        ("2026-11-26T15:00:01", "2026-11-27T15:00:01"),
        ("2026-11-27T15:00", "2026-11-30T15:00"),
        ("2026-11-28T10:00", "2026-12-01T00:00"),
        ("2026-11-29T23:59:59", "2026-12-01T00:00"),
        ("2026-11-30T00:00", "2026-12-01T00:00"),
        ("2026-12-15T09:00", "2026-12-17T09:00"),
        ("2026-12-31T18:00", "2027-01-05T18:00"),
        ("2026-11-20T15:00", "2026-11-21T15:00"),
        ("2026-11-23T15:00", "2026-11-25T15:00"),
    ],
    ids=[
        *("the next day", "over the weekend", "known on Saturday", "known at the last second of Sunday"),
        *("known as Monday begins", "over Independence Day", "over New Year", "to a Saturday on which work is done"),
        "over a day closed by the bureau",
    ],
)
def test_a_working_day_later(known: str, until: str) -> None:
    moment = datetime.fromisoformat(known).replace(tzinfo=ALMATY)
    later = working_time.working_days_later(moment.astimezone(UTC), 1, OFFICE)
    assert later == datetime.fromisoformat(until).replace(tzinfo=ALMATY)


def test_two_working_days_are_one_after_another() -> None:
    moment = datetime(2026, 11, 27, 15, tzinfo=ALMATY)
    once = working_time.working_days_later(moment, 1, OfficeHours())
    assert working_time.working_days_later(moment, 2, OfficeHours()) == working_time.working_days_later(
        once, 1, OfficeHours()
    )


def judged(text: str, office: OfficeHours = OFFICE) -> Hours:
    return working_time.judged(datetime.fromisoformat(text).replace(tzinfo=ALMATY), office)


@pytest.mark.parametrize("text", ["2026-11-23T09:00", "2026-11-23T17:59:59", "2026-11-21T12:00"])
def test_within(text: str) -> None:
    assert judged(text) is Hours.WITHIN


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T08:59:59",
        "2026-11-23T18:00",
        "2026-11-22T12:00",
        "2026-11-24T12:00",
        "2026-12-16T12:00",
        "2026-03-24T12:00",
    ],
    ids=["early", "late", "Sunday", "closed by the bureau", "Independence Day", "a day given for Nauryz"],
)
def test_outside(text: str) -> None:
    assert judged(text) is Hours.OUTSIDE


def test_without_settings_nothing_is_judged() -> None:
    assert judged("2026-11-22T03:00", OfficeHours()) is Hours.NOT_JUDGED
