"""What was read of each source in a time: told by days, and the same for ever for days that are over."""

from datetime import UTC, date, datetime

import pytest

from senim.kit.clock import now
from senim.telemetry import operations
from senim.telemetry.models import DayEnd, Ledger
from senim.telemetry.notices import NoticeKind
from senim.telemetry.operations import accept, note
from senim.telemetry.yearly import read_between
from tests.telemetry.test_ledger import frame

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/80(3)")]
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    return Clock(monkeypatch)


class Clock:
    """The bureau's clock as the ledger reads it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def at(self, year: int, month: int, day: int, hour: int = 7) -> None:
        moment = datetime(year, month, day, hour, tzinfo=UTC)
        self._monkeypatch.setattr(operations, "now", lambda: moment)

    def accepts(self, first: int, last: int, epoch: str = "e1") -> None:
        accept(frame(first, last, epoch=epoch))
        Ledger.objects.update(opened_at=datetime(2024, 1, 1, tzinfo=UTC))


def lines(first: date = FIRST, last: date = LAST) -> int:
    return sum(each.lines for each in read_between(first, last))


def test_lines_count_for_the_day_on_which_they_were_accepted(clock: Clock) -> None:
    clock.at(2024, 12, 31)
    clock.accepts(1, 5)
    clock.at(2025, 1, 1)
    clock.accepts(6, 7)
    clock.at(2025, 12, 31)
    clock.accepts(8, 8)
    clock.at(2026, 1, 1)
    clock.accepts(9, 12)
    assert lines() == 3
    assert lines(date(2025, 1, 2)) == 1
    assert lines(date(2024, 1, 1), date(2024, 12, 31)) == 5
    assert lines(date(2026, 1, 1), date(2026, 12, 31)) == 4


def test_midnight_is_the_bureau_s(clock: Clock) -> None:
    clock.at(2025, 12, 31, hour=18)  # 23:00 in Almaty
    clock.accepts(1, 2)
    clock.at(2025, 12, 31, hour=19)  # midnight there
    clock.accepts(3, 5)
    assert (lines(), lines(date(2026, 1, 1), date(2026, 1, 1))) == (2, 3)


def test_what_comes_later_changes_nothing_of_days_that_are_over(clock: Clock) -> None:
    clock.at(2025, 3, 1)
    clock.accepts(1, 5)
    before = read_between(FIRST, date(2025, 3, 1))
    for day in (2, 5, 9):
        clock.at(2025, 3, day)
        clock.accepts(day * 10, day * 10 + 3)
        clock.accepts(1, 3, epoch=f"e{day}")
        assert read_between(FIRST, date(2025, 3, 1))[0].lines == before[0].lines == 5


def test_a_day_is_written_down_once_and_only_where_lines_came(clock: Clock) -> None:
    for hour in (6, 7, 8):
        clock.at(2025, 3, 1, hour=hour)
        clock.accepts(hour, hour)
    clock.at(2025, 3, 4)
    clock.accepts(9, 9)
    assert list(DayEnd.objects.values_list("day", "lines")) == [(date(2025, 3, 1), 3)]


@pytest.mark.refusal
def test_a_clock_that_goes_back_ends_no_day_twice(clock: Clock) -> None:
    clock.at(2025, 3, 2)
    clock.accepts(1, 1)
    clock.at(2025, 3, 1)
    clock.accepts(2, 2)
    assert not DayEnd.objects.exists()
    clock.at(2025, 3, 3)
    clock.accepts(3, 3)
    assert list(DayEnd.objects.values_list("day", "lines")) == [(date(2025, 3, 2), 2)]


def test_losses_of_the_time_are_counted_by_source(clock: Clock) -> None:
    clock.at(2025, 3, 2)
    clock.accepts(1, 1)
    note("sshd", "e1", 2, NoticeKind.ROTATED_AWAY, {})
    this_year = now().year
    (read,) = read_between(date(this_year, 1, 1), date(this_year, 12, 31))
    assert (read.lines, read.losses) == (0, 1)
    assert read_between(FIRST, LAST)[0].losses == 0
