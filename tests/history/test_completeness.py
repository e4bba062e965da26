"""The ledger and the history are each other's witness: what only one of them has is named."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import ProgrammingError, transaction

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.history import checks, standing
from senim.history.completeness import Closing, closings
from senim.history.errors import HistoryUnsure
from senim.history.history import PROCESS, History
from senim.history.internal.keeping import let_go
from senim.history.internal.table import Table
from senim.history.models import Expiry
from senim.history.spans import Span
from senim.history.standing import Standing
from senim.kit.checks import Asked, Fault
from senim.kit.instance import Instance, Profile
from senim.telemetry.frames import Frame
from senim.telemetry.operations import accept
from tests.history.writing import MORNING, frame, rows

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2")]


@pytest.fixture
def house(tmp_path: Path) -> Instance:
    instance = Instance(tmp_path, Profile.DEMONSTRATION, {})
    instance.state(PROCESS).mkdir(parents=True)
    says(instance, Standing(MORNING))
    return instance


def says(house: Instance, told: Standing) -> None:
    """What the history's process said last."""
    standing.write(house.state(PROCESS), told)


def fault(house: Instance) -> Fault | None:
    """What the check of missing lines finds."""
    (check,) = (one for one in checks.CHECKS if one.name == "history:missing")
    return next(iter(check.find(Asked(house, MORNING))), None)


def table(house: Instance) -> Table:
    return Table(house.state(PROCESS))


def lines(first: int, last: int, **more: str) -> Frame:
    return frame(first, ["a line"] * (last - first + 1), **more)


def closed(house: Instance, *, accepted: list[Frame], kept: list[Frame]) -> Closing:
    for one in accepted:
        accept(one)
    written = table(house)
    for one in kept:
        written.append(rows(one))
    (found,) = closings(History(house))
    return found


def test_what_was_accepted_and_is_held_is_closed(house: Instance) -> None:
    found = closed(house, accepted=[lines(1, 5)], kept=[lines(1, 5)])
    assert found.is_closed
    assert (found.accepted, found.held, found.missing, found.underway) == (5, 5, 0, 0)


@pytest.mark.refusal
def test_what_the_history_let_pass_is_a_hole_by_its_numbers(house: Instance) -> None:
    found = closed(house, accepted=[lines(1, 9)], kept=[lines(1, 3), lines(6, 6), lines(9, 9)])
    assert not found.is_closed
    assert found.holes == ((4, 5), (7, 8))
    assert (found.missing, found.underway) == (4, 0)


def test_what_lies_above_everything_held_may_be_on_its_way(house: Instance) -> None:
    found = closed(house, accepted=[lines(1, 9)], kept=[lines(1, 6)])
    assert found.is_closed
    assert (found.waiting, found.underway) == (((7, 9),), 3)
    assert found.accepted_until
    assert found.held_until
    assert found.accepted_until - found.held_until == timedelta(seconds=3)


HELD = [lines(1, 1), lines(3, 3), lines(10, 12)]


@pytest.mark.parametrize(
    ("sure", "holes", "waiting"),
    [
        (None, ((2, 2), (4, 9)), ((13, 14),)),
        ({"sshd": {"e1": 12}}, ((2, 2), (4, 9)), ((13, 14),)),
        ({"sshd": {"e1": 6}}, ((2, 2), (4, 6)), ((7, 9), (13, 14))),
        ({"sshd": {"e1": 3}}, ((2, 2),), ((4, 9), (13, 14))),
        ({"sshd": {"e2": 12}, "web": {"e1": 12}}, (), ((2, 2), (4, 9), (13, 14))),
    ],
)
def test_what_the_history_took_and_did_not_acknowledge_is_on_its_way(
    house: Instance, sure: dict[str, dict[str, int]] | None, holes: tuple[Span, ...], waiting: tuple[Span, ...]
) -> None:
    says(house, Standing(MORNING, sure_up_to=sure))
    found = closed(house, accepted=[lines(1, 14)], kept=HELD)
    assert (found.holes, found.waiting) == (holes, waiting)
    assert found.is_closed is (holes == ())
    assert found.passed_by + found.underway + found.held == found.accepted
    told = fault(house)
    assert (told is None) is (holes == ())
    assert told is None or told.is_known


@pytest.mark.refusal
@pytest.mark.parametrize("told", [None, b"{", b'{"sure_up_to": 5}'])
def test_where_nobody_says_what_comes_again_it_is_neither_missing_nor_whole(
    house: Instance, told: bytes | None
) -> None:
    path = house.state(PROCESS) / "standing.json"
    path.unlink()
    if told is not None:
        path.write_bytes(told)
    with pytest.raises(HistoryUnsure):
        closed(house, accepted=[lines(1, 14)], kept=HELD)
    found = fault(house)
    assert found is not None
    assert not found.is_known
    assert "Nobody knows" in str(found.what)


def test_where_nothing_is_absent_nobody_need_say(house: Instance) -> None:
    (house.state(PROCESS) / "standing.json").unlink()
    assert closed(house, accepted=[lines(1, 5)], kept=[lines(1, 3)]).is_closed
    assert fault(house) is None


@pytest.mark.refusal
def test_what_never_arrived_at_all_is_told_apart(house: Instance) -> None:
    found = closed(house, accepted=[lines(1, 2), lines(6, 9)], kept=[lines(1, 2), lines(6, 9)])
    assert not found.is_closed
    assert (found.never_arrived, found.holes) == (((3, 5),), ())


def test_a_history_that_is_ahead_of_detection_has_no_hole(house: Instance) -> None:
    assert closed(house, accepted=[lines(1, 2)], kept=[lines(1, 9)]).is_closed


def test_each_epoch_is_closed_by_itself(house: Instance) -> None:
    for one in (lines(1, 3), lines(1, 4, epoch="e2"), lines(1, 1, source="web")):
        accept(one)
    table(house).append(rows(lines(1, 3), lines(1, 1, source="web")))
    found = {(one.source, one.epoch): one.underway for one in closings(History(house))}
    assert found == {("sshd", "e1"): 0, ("sshd", "e2"): 4, ("web", "e1"): 0}


OLD, NEXT = MORNING, MORNING + timedelta(days=1)


def aged(house: Instance) -> Table:
    old, young = frame(1, ["a"] * 5, at=OLD), frame(6, ["b"] * 5, at=NEXT)
    for one in (old, young):
        accept(one)
    written = table(house)
    written.append(rows(old))
    written.append(rows(young))
    return written


def test_a_day_leaves_when_its_time_is_over_and_is_no_hole(house: Instance) -> None:
    let_go(aged(house), NEXT.date())
    (found,) = closings(History(house))
    assert (found.held, found.expired, found.holes, found.waiting) == (5, 5, (), ())
    assert found.is_closed
    (row,) = AuditRow.objects.filter(action=AuditAction.HISTORY_DAY_EXPIRED)
    assert (row.subject, row.detail) == (f"history-day:{OLD:%Y-%m-%d}", {"sources": ["sshd"], "lines": 5})


@pytest.mark.refusal
def test_a_day_stays_until_its_time_is_over(house: Instance) -> None:
    let_go(aged(house), OLD.date())
    (found,) = closings(History(house))
    assert (found.held, found.expired) == (10, 0)
    assert not AuditRow.objects.filter(action=AuditAction.HISTORY_DAY_EXPIRED).exists()


def test_killed_between_writing_it_down_and_removing_it_nothing_is_told_twice(house: Instance) -> None:
    written = aged(house)
    removed = written.remove_days
    written.remove_days = lambda _before: None  # type: ignore[method-assign]
    let_go(written, NEXT.date())
    written.remove_days = removed  # type: ignore[method-assign]
    let_go(written, NEXT.date())
    assert AuditRow.objects.filter(action=AuditAction.HISTORY_DAY_EXPIRED).count() == 1
    (found,) = closings(History(house))
    assert (found.held, found.expired, found.is_closed) == (5, 5, True)


@pytest.mark.refusal
def test_nobody_takes_back_what_is_written_of_a_day_that_left() -> None:
    row = Expiry.objects.create(source="sshd", epoch="e1", first=1, last=5, day=date(2026, 1, 1))
    with pytest.raises(ProgrammingError), transaction.atomic():
        row.delete()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Expiry.objects.filter(pk=row.pk).update(last=500)
