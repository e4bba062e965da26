"""When the bureau's staff work: whether somebody comes at another time.

    [hours]
    opens = 09:00:00
    closes = 18:00:00
    also_open = [2026-03-07]     # a day of rest that was moved by the Government
    also_closed = [2026-12-31]

Days of rest are Kazakhstan's (Labour Code: Saturday, Sunday, public holidays). Times are those of the bureau's place.
Where the table is missing nothing is judged: many bureaus keep a watch round the clock.
"""

from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache

import holidays
import msgspec
from django.conf import settings
from django.utils import timezone

from senim.kit.instance import Instance

_SATURDAY = 5


class Hours(StrEnum):
    """How a moment lies to the hours of work."""

    WITHIN = "within"
    OUTSIDE = "outside"
    NOT_JUDGED = "not-judged"


class OfficeHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[hours]`."""

    opens: time | None = None
    closes: time | None = None
    also_open: tuple[date, ...] = ()
    also_closed: tuple[date, ...] = ()

    def judged(self, moment: datetime) -> Hours:
        """How `moment` lies: from the first minute on, up to the last."""
        if self.opens is None or self.closes is None:
            return Hours.NOT_JUDGED
        local = timezone.localtime(moment, timezone.get_default_timezone())
        is_open = self._is_workday(local.date()) and self.opens <= local.time() < self.closes
        return Hours.WITHIN if is_open else Hours.OUTSIDE

    def _is_workday(self, day: date) -> bool:
        if day in self.also_open:
            return True
        return day not in self.also_closed and day.weekday() < _SATURDAY and day not in _rests(day.year)


def hours_of(instance: Instance) -> OfficeHours:
    """Those of `instance`. Raises `BadSettings`."""
    return instance.section("hours", OfficeHours)


def office_hours() -> OfficeHours:
    """Those of this instance. Raises `BadSettings`."""
    return hours_of(settings.SENIM_INSTANCE)


@lru_cache(maxsize=4)
def _rests(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KZ", years=year))
