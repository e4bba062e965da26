"""Whether somebody comes when the bureau's staff work.

Days of rest are Kazakhstan's (Labour Code: Saturday, Sunday, public holidays). Times are those of the bureau's place.
Where senim.toml has no table `[hours]` nothing is judged: many bureaus keep a watch round the clock.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays
from django.utils import timezone

from senim.identity.hours import OfficeHours

_SATURDAY = 5
_LONGEST_REST = 366
"""Days among which there is a working day."""


class Hours(StrEnum):
    """How a moment lies to the hours of work."""

    WITHIN = "within"
    OUTSIDE = "outside"
    NOT_JUDGED = "not-judged"


def judged(moment: datetime, office: OfficeHours) -> Hours:
    """How `moment` lies to the hours of `office`: from the first minute on, up to the last."""
    if office.opens is None or office.closes is None:
        return Hours.NOT_JUDGED
    local = timezone.localtime(moment, timezone.get_default_timezone())
    is_open = _is_workday(local.date(), office) and office.opens <= local.time() < office.closes
    return Hours.WITHIN if is_open else Hours.OUTSIDE


def working_days_later(moment: datetime, days: int, office: OfficeHours) -> datetime:
    """The same hour `days` working days after `moment`.

    A day of rest counts for nothing: from there it is counted from the beginning of the next working day.
    """
    local = timezone.localtime(moment, timezone.get_default_timezone())
    day, hour = local.date(), local.time()
    if not _is_workday(day, office):
        day, hour = _next_workday(day, office), time.min
    for _ in range(days):
        day = _next_workday(day, office)
    return datetime.combine(day, hour, timezone.get_default_timezone())


def _next_workday(day: date, office: OfficeHours) -> date:
    later = (day + timedelta(days=number) for number in range(1, _LONGEST_REST))
    return next(each for each in later if _is_workday(each, office))


def _is_workday(day: date, office: OfficeHours) -> bool:
    if day in office.also_open:
        return True
    return day not in office.also_closed and day.weekday() < _SATURDAY and day not in _rests(day.year)


@lru_cache(maxsize=4)
def _rests(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KZ", years=year))
