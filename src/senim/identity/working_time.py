"""Whether somebody comes when the bureau's staff work.

Days of rest are Kazakhstan's (Labour Code: Saturday, Sunday, public holidays). Times are those of the bureau's place.
Where senim.toml has no table `[hours]` nothing is judged: many bureaus keep a watch round the clock.
"""

from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

import holidays
from django.utils import timezone

from senim.identity.hours import OfficeHours

_SATURDAY = 5


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


def _is_workday(day: date, office: OfficeHours) -> bool:
    if day in office.also_open:
        return True
    return day not in office.also_closed and day.weekday() < _SATURDAY and day not in _rests(day.year)


@lru_cache(maxsize=4)
def _rests(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KZ", years=year))
