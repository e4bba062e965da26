"""The ledger accepts every line once, and names every number that did not come."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from senim.telemetry import queries
from senim.telemetry.frames import Frame, Line
from senim.telemetry.models import Gap, Ledger, Notice
from senim.telemetry.notices import NoticeKind
from senim.telemetry.operations import accept, count_flaws, note

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2")]


def frame(first: int, last: int, *, epoch: str = "e1", flaw: str = "") -> Frame:
    lines = tuple(Line(seq, 1_790_000_000.0 + seq, b"line", flaw) for seq in range(first, last + 1))
    return Frame("sshd", "sshd", "gate-1", epoch, lines)


def accepted(first: int, last: int, **more: str) -> list[int]:
    return [line.seq for line in accept(frame(first, last, **more))]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def open_gaps() -> list[tuple[int, int]]:
    return [(gap.first, gap.last) for gap in queries.open_gaps("sshd")]


def test_lines_are_accepted_in_their_turn() -> None:
    assert accepted(1, 3) == [1, 2, 3]
    assert accepted(4, 4) == [4]
    assert open_gaps() == []


@pytest.mark.refusal
def test_a_line_is_accepted_once_however_its_frame_is_cut() -> None:
    accepted(1, 5)
    assert accepted(1, 5) == []
    assert accepted(2, 3) == []
    assert accepted(4, 8) == [6, 7, 8]
    assert queries.source_state("sshd").lines == 8


def test_numbers_jumped_over_are_a_gap_by_name() -> None:
    accepted(1, 2)
    assert accepted(6, 7) == [6, 7]
    assert open_gaps() == [(3, 5)]
    assert queries.source_state("sshd").missing == 3


def test_an_epoch_that_does_not_begin_with_one_has_a_gap() -> None:
    assert accepted(11, 12) == [11, 12]
    assert open_gaps() == [(1, 10)]


def test_late_lines_are_taken_out_of_their_gap_once() -> None:
    accepted(11, 12)
    assert accepted(4, 6) == [4, 5, 6]
    assert open_gaps() == [(1, 3), (7, 10)]
    assert accepted(3, 8) == [3, 7, 8]
    assert open_gaps() == [(1, 2), (9, 10)]
    assert accepted(1, 12) == [1, 2, 9, 10]
    assert open_gaps() == []
    assert Gap.objects.filter(closed_at=None).count() == 0
    assert Ledger.objects.get().lines == 12


def test_epochs_are_counted_apart_and_told_together() -> None:
    accepted(1, 3)
    assert accepted(1, 2, epoch="e2") == [1, 2]
    assert queries.source_state("sshd").lines == 5


class TestSignsOfLife:
    """What has no lines counts for none, and proves the way of those that would come."""

    @staticmethod
    def _sign(number: int, moment: float) -> Frame:
        return Frame("sshd", "sshd", "gate-1", "e1", (), next=number, at=moment)

    def test_it_is_no_line_and_takes_no_number(self) -> None:
        accepted(1, 3)
        assert accept(self._sign(4, 1_790_000_100.0)) == ()
        assert accepted(4, 5) == [4, 5]
        state = queries.source_state("sshd")
        assert (state.lines, state.missing) == (5, 0)
        assert Ledger.objects.count() == 1

    def test_it_says_up_to_when_the_source_was_read(self) -> None:
        accepted(1, 3)
        accept(self._sign(4, 1_790_000_100.0))
        state = queries.source_state("sshd")
        assert (state.last_line_at, state.read_until) == (moment(1_790_000_003.0), moment(1_790_000_100.0))
        assert queries.read_until() == {"sshd": moment(1_790_000_100.0)}

    def test_lines_say_it_as_well_and_what_comes_late_takes_nothing_back(self) -> None:
        accept(self._sign(1, 1_790_000_100.0))
        accepted(1, 3)
        assert queries.source_state("sshd").read_until == moment(1_790_000_100.0)

    @pytest.mark.refusal
    def test_numbers_that_must_have_come_by_then_are_a_gap_although_no_line_follows(self) -> None:
        accepted(1, 2)
        accept(self._sign(5, 1_790_000_100.0))
        assert open_gaps() == [(3, 4)]
        assert accepted(3, 4) == [3, 4]
        assert open_gaps() == []

    def test_one_that_comes_again_late_changes_no_gap(self) -> None:
        accepted(1, 2)
        accepted(9, 9)
        accept(self._sign(5, 1_790_000_100.0))
        assert open_gaps() == [(3, 8)]


def test_flaws_are_counted_by_name() -> None:
    accept(frame(1, 2, flaw="truncated:100,not-utf8"))
    accept(frame(3, 3, flaw="binary"))
    count_flaws(frame(3, 3), ["time-future"])
    state = queries.source_state("sshd")
    assert state.flaws == {"truncated": 2, "not-utf8": 2, "binary": 1, "time-future": 1}
    assert state.bytes_cut == 200


def test_a_source_is_silent_since_its_newest_line() -> None:
    assert queries.silent_since("sshd") is None
    accepted(1, 3)
    silent = queries.silent_since("sshd")
    assert silent is not None
    assert silent.timestamp() == 1_790_000_003.0


def test_nothing_is_accepted_outside_a_transaction() -> None:
    class Outside:
        in_atomic_block = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("senim.telemetry.operations.connection", Outside())
        with pytest.raises(transaction.TransactionManagementError):
            accept(frame(1, 1))


class TestNotices:
    """What the collector says is written once."""

    def test_a_loss_is_written_once_for_its_place(self) -> None:
        assert note("sshd", "e1", 5, NoticeKind.TRUNCATED, {"path": "/var/log/auth.log"})
        assert not note("sshd", "e1", 5, NoticeKind.TRUNCATED)
        assert note("sshd", "e1", 6, NoticeKind.TRUNCATED)
        assert len(queries.losses("sshd")) == 2

    def test_a_condition_is_written_when_it_changes(self) -> None:
        kinds = [NoticeKind.COLLECTING, NoticeKind.FILE_MISSING, NoticeKind.FILE_MISSING, NoticeKind.COLLECTING]
        assert [note("sshd", "e1", 1, kind) for kind in kinds] == [True, True, False, True]
        assert queries.condition("sshd") is NoticeKind.COLLECTING
        assert Notice.objects.count() == 3

    def test_a_source_has_begun_once_its_first_start_is_written(self) -> None:
        assert not queries.has_begun("sshd")
        note("sshd", "e1", 1, NoticeKind.FIRST_START)
        assert queries.has_begun("sshd")
        assert [state.source for state in queries.sources()] == ["sshd"]


def test_the_database_itself_keeps_a_loss_once() -> None:
    said = {"source": "sshd", "epoch": "e1", "seq": 1, "kind": NoticeKind.TRUNCATED}
    Notice.objects.create(**said)
    Notice.objects.bulk_create([Notice(**said)], ignore_conflicts=True)
    assert Notice.objects.count() == 1
