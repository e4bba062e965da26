"""When the bureau works: by its settings and Kazakhstan's calendar, at its own place."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from senim.identity import working_time
from senim.identity.hours import OfficeHours
from senim.identity.working_time import Hours

ALMATY = ZoneInfo("Asia/Almaty")
OFFICE = OfficeHours(time(9), time(18), (date(2026, 11, 21),), (date(2026, 11, 24),))


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
