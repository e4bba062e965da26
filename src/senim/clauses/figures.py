"""The figures that a law fixes, typed, so that both sides of a boundary mean the same to everybody."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

import msgspec


class Bound(StrEnum):
    """On which side of the figure the law stands."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"


class _Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """What all figures share: strictness, and a tag that the file calls `type`."""


class Duration(_Figure, frozen=True, tag="duration"):
    """A length of time in minutes, and whether the boundary itself counts."""

    minutes: int
    bound: Bound

    @property
    def length(self) -> timedelta:
        """The length itself."""
        return timedelta(minutes=self.minutes)

    def met_by(self, actual: timedelta) -> bool:
        """Whether `actual` is within what the law means."""
        return actual > self.length if self.bound is Bound.MORE_THAN else actual >= self.length


class Years(_Figure, frozen=True, tag="years"):
    """A length of time in whole calendar years."""

    years: int
    bound: Bound


class YearlyDay(_Figure, frozen=True, tag="yearly_day"):
    """The last day in time, every year, counted from the year reported on."""

    month: int
    day: int
    years_after: int

    def last_day(self, reported_year: int) -> date:
        """The last day in time for `reported_year`; that day itself is in time."""
        return date(reported_year + self.years_after, self.month, self.day)


class Version(_Figure, frozen=True, tag="version"):
    """A protocol's lowest version (`1.2`)."""

    protocol: str
    version: str
    bound: Bound

    @property
    def parts(self) -> tuple[int, ...]:
        """The version as numbers that compare as versions do: 1.10 is above 1.2."""
        return tuple(int(part) for part in self.version.split("."))

    def met_by(self, actual: tuple[int, ...]) -> bool:
        """Whether a version, given as numbers, is high enough."""
        return actual > self.parts if self.bound is Bound.MORE_THAN else actual >= self.parts


class WorkingDays(_Figure, frozen=True, tag="working_days"):
    """A length of time in working days."""

    days: int


class Choice(_Figure, frozen=True, tag="choice"):
    """So many different ones of a closed list: one of two carriers, two of three factors, all of four notices."""

    count: int
    of: tuple[str, ...]

    def met_by(self, actual: Collection[str]) -> bool:
        """Whether `actual` holds enough *different* members of the list; strangers to the list count for nothing."""
        return len(set(actual) & set(self.of)) >= self.count


Figure = Duration | Years | YearlyDay | Version | Choice
