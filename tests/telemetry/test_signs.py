"""A source that gives nothing shows that it is read all the same, without filling the stream or taking a number."""

from datetime import timedelta
from pathlib import Path

import pytest

from senim.kit.instance import Instance
from senim.pulse.operations import EVERY
from senim.telemetry.frames import Frame, Line
from senim.telemetry.internal import signs
from senim.telemetry.internal.outlet import Stored
from senim.telemetry.internal.signs import LONGEST, Signs
from senim.telemetry.notices import NoticeKind
from tests.telemetry.situation import Deaf, Situation, Until

pytestmark = pytest.mark.clause("R228/81-2")
DAY = 86_400.0


class Quiet:
    """A source that gives nothing, and the clock by which it gives signs."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.signs = Signs(clock=lambda: self.now)

    def frame(self, *lines: Line) -> Frame:
        return Frame("sshd", "sshd", "gate-1", "e1", lines, next=1, at=self.now)

    def gives_signs(self, seconds: float, *, taken: bool) -> list[float]:
        """Let time go by, and a sign go whenever it is due: how long after the one before each went."""
        end, last, pauses = self.now + seconds, self.now, []
        while self.now < end:
            if self.signs.is_due:
                pauses.append(self.now - last)
                sign, last = self.frame(), self.now
                self.signs.sent(sign)
                self.signs.taken(sign.read_until if taken else None)
            self.now += EVERY
        return pauses


class TestPace:
    """Steady while the ledger has them; ever slower while nobody takes them."""

    @pytest.fixture
    def source(self) -> Quiet:
        return Quiet()

    def test_they_are_given_steadily_while_they_are_taken(self, source: Quiet) -> None:
        assert source.gives_signs(10 * EVERY, taken=True) == [0.0, *[EVERY] * 9]

    @pytest.mark.refusal
    def test_a_detection_that_stands_still_for_days_finds_few_of_them(self, source: Quiet) -> None:
        pauses = source.gives_signs(3 * DAY, taken=False)
        assert pauses[:4] == [0.0, EVERY, 2 * EVERY, 4 * EVERY]
        assert max(pauses) == LONGEST
        assert len(pauses) < 100

    def test_the_first_that_is_taken_sets_the_usual_pace_again(self, source: Quiet) -> None:
        source.gives_signs(DAY, taken=False)
        source.now += LONGEST
        assert source.gives_signs(3 * EVERY, taken=True) == [0.0, EVERY, EVERY]

    def test_what_is_taken_must_be_what_was_sent(self, source: Quiet) -> None:
        sign = source.frame()
        source.signs.sent(sign)
        source.signs.taken(sign.read_until - timedelta(microseconds=1))
        source.now += EVERY
        source.signs.sent(source.frame())
        source.now += EVERY
        assert not source.signs.is_due

    def test_two_that_began_apart_give_them_together(self, source: Quiet) -> None:
        source.signs.sent(source.frame())
        source.now += 0.4 * EVERY
        other = Signs(clock=lambda: source.now)
        other.sent(source.frame())
        source.now += 0.6 * EVERY
        assert (source.signs.is_due, other.is_due) == (True, True)

    def test_a_source_that_gives_lines_gives_no_signs(self, source: Quiet) -> None:
        for _ in range(5):
            source.signs.sent(source.frame(Line(1, source.now, b"line")))
            source.now += EVERY / 2
            assert not source.signs.is_due


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs at every turn."""
    monkeypatch.setattr(signs, "EVERY", 0.001)


def frames_later(number: int) -> Until:
    """Whether the stream has `number` frames more than when it was asked first."""
    seen: list[int] = []

    def wanted(stored: Stored | None) -> bool:
        if stored is not None:
            seen.append(stored.sequence)
        return bool(seen) and seen[-1] - seen[0] >= number

    return wanted


@pytest.mark.usefixtures("quick")
class TestOnTheStream:
    """Signs go between lines and change nothing of them."""

    def test_numbers_go_on_over_them(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "signs")
        situation.append(b"1", b"2")
        situation.carry(3)
        situation.carry(frames_later(2))
        situation.append(b"3")
        situation.carry(4)
        frames = situation.frames()
        assert [(line.seq, line.data) for frame in frames for line in frame.lines] == [(1, b"1"), (2, b"2"), (3, b"3")]
        assert [frame.next for frame in frames if not frame.lines][:2] == [3, 3]
        assert situation.notes.heard == [(NoticeKind.FIRST_START, 1)]

    def test_they_remember_the_place_where_nothing_else_does(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "signs-alone", begun=True)
        situation.log.touch()
        situation.carry(frames_later(2))
        assert situation.notes.heard == [(NoticeKind.EPOCH_BEGAN, 1)]
        (tmp_path / "signs-alone.json").unlink()
        situation.append(b"1")
        situation.carry(2)
        assert [(line.seq, line.data) for line in situation.stored()] == [(1, b"1")]
        assert situation.notes.heard == [(NoticeKind.EPOCH_BEGAN, 1)]

    @pytest.mark.refusal
    def test_one_whose_acknowledgement_was_not_heard_doubles_nothing(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "signs-deaf")
        situation.log.touch()
        situation.carry(frames_later(3), outlet=Deaf)
        situation.append(b"1")
        situation.carry(2, outlet=Deaf)
        frames = situation.frames()
        assert [line.seq for frame in frames for line in frame.lines] == [1]
        assert len({frame.id for frame in frames}) == len(frames)

    @pytest.mark.refusal
    def test_a_file_that_cannot_be_read_gives_none(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "signs-of-nothing")

        def missing(_stored: Stored | None) -> bool:
            return NoticeKind.FILE_MISSING in [kind for kind, _ in situation.notes.heard]

        situation.carry(missing)
        assert situation.frames() == []
