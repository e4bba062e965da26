"""A followed file gives every line once, through rotation, truncation and crashes."""

import os
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from senim.telemetry import parsers
from senim.telemetry.frames import MOST_BYTES, MOST_LINES, Line
from senim.telemetry.internal import logfile
from senim.telemetry.internal.follower import Follower, Place, Reading
from senim.telemetry.internal.logfile import ENDLESS, LONGEST, LogFile
from senim.telemetry.notices import NoticeKind

NOBODY = 65534


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "auth.log"


@pytest.fixture
def follower(log: Path, clock: Clock) -> Iterator[Follower]:
    follower = Follower(log, clock=clock)
    yield follower
    follower.close()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def rotate(path: Path) -> None:
    """As logrotate does it by default: every number moves up by one."""
    for number in range(99, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.rename(path.with_name(f"{path.name}.{number + 1}"))
    path.rename(path.with_name(f"{path.name}.1"))


def lines_of(reading: Reading) -> list[bytes]:
    return [data for data, _ in reading.lines]


def kinds_of(reading: Reading) -> list[NoticeKind]:
    return [kind for kind, _ in reading.losses]


def restarted(log: Path, place: Place, clock: Clock) -> Follower:
    follower = Follower(log, clock=clock)
    follower.resume(place)
    return follower


class TestLines:
    """What a line is."""

    def test_a_line_is_held_until_its_newline(self, log: Path, follower: Follower) -> None:
        append(log, b"one\ntw")
        assert lines_of(follower.read()) == [b"one"]
        assert lines_of(follower.read()) == []
        append(log, b"o\r\n\n")
        assert lines_of(follower.read()) == [b"two\r", b""]

    def test_a_frame_is_no_longer_than_it_may_be(self, log: Path, follower: Follower) -> None:
        append(log, b"x\n" * (MOST_LINES + 1))
        first = follower.read()
        assert (len(first.lines), first.is_full) == (MOST_LINES, True)
        assert len(follower.read().lines) == 1

    @pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 1_000_000])
    def test_an_overlong_line_is_cut_and_the_rest_counted(self, log: Path, follower: Follower, length: int) -> None:
        append(log, b"before\n" + b"x" * length + b"\nafter\n")
        read = [line for _ in range(4) for line in follower.read().lines]
        flaw = f"truncated:{length - LONGEST}" if length > LONGEST else ""
        assert read == [(b"before", ""), (b"x" * min(length, LONGEST), flaw), (b"after", "")]

    def test_an_overlong_line_waits_for_its_newline_too(self, log: Path, follower: Follower) -> None:
        append(log, b"x" * 600_000)
        assert follower.read().lines == []
        append(log, b"x" * 100_000)
        assert follower.read().lines == []
        append(log, b"\nnext\n")
        assert [line for _ in range(2) for line in follower.read().lines] == [
            (b"x" * LONGEST, f"truncated:{700_000 - LONGEST}"),
            (b"next", ""),
        ]

    def test_a_line_without_end_is_cut_without_waiting(self, log: Path, follower: Follower) -> None:
        append(log, b"x" * (ENDLESS + 5))
        assert [flaw for _, flaw in follower.read().lines] == [f"truncated:{ENDLESS - LONGEST}"]
        append(log, b"\n")
        assert follower.read().lines == [(b"x" * 5, "")]

    @pytest.mark.parametrize(
        ("data", "flaw"),
        [
            (b"nul \x00 inside", "binary"),
            (b"\xff\xfe", "not-utf8"),
            (b"\x1b[31m \xff", "binary,not-utf8"),
            ("қауіпсіздік".encode(), ""),
            (b"tab\tand return\r", ""),
        ],
    )
    def test_strange_bytes_are_kept_and_named(self, log: Path, follower: Follower, data: bytes, flaw: str) -> None:
        append(log, b"plain\n" + data + b"\n")
        assert follower.read().lines == [(b"plain", ""), (data, flaw)]

    def test_a_cut_through_a_character_is_no_fault_of_the_line(self, log: Path, follower: Follower) -> None:
        append(log, b"x" * (LONGEST - 1) + "қ".encode() + b"\n")
        assert [flaw for _, flaw in follower.read().lines] == ["truncated:1"]


class TestRotation:
    """A log is several files over time."""

    def test_the_old_file_is_finished_before_the_new(self, log: Path, follower: Follower) -> None:
        append(log, b"1\n")
        follower.read()
        append(log, b"2\n")
        rotate(log)
        append(log, b"3\n")
        assert lines_of(follower.read()) == [b"2", b"3"]

    def test_a_writer_that_has_not_noticed_is_heard(self, log: Path, follower: Follower) -> None:
        with log.open("ab", buffering=0) as writer:
            writer.write(b"1\n")
            follower.read()
            rotate(log)
            append(log, b"3\n")
            assert lines_of(follower.read()) == [b"3"]
            writer.write(b"2\n")
            assert lines_of(follower.read()) == [b"2"]

    def test_after_a_restart_the_old_file_is_found_among_its_siblings(self, log: Path, clock: Clock) -> None:
        follower = Follower(log, clock=clock)
        append(log, b"1\n2\n")
        follower.read()
        place = follower.place
        append(log, b"3\n")
        rotate(log)
        append(log, b"4\n")
        os.utime(log, ns=(log.stat().st_atime_ns, log.stat().st_mtime_ns + 1_000_000))
        rotate(log)
        append(log, b"5\n")
        reading = restarted(log, place, clock).read()
        assert (lines_of(reading), reading.losses) == ([b"3", b"4", b"5"], [])

    @pytest.mark.refusal
    def test_a_rotated_file_that_is_gone_is_a_named_loss(self, log: Path, clock: Clock) -> None:
        follower = Follower(log, clock=clock)
        append(log, b"1\n")
        follower.read()
        place = follower.place
        rotate(log)
        append(log, b"2\n")
        keeper = log.with_name("auth.log.1").open("rb")  # keeps the inode from being used again
        log.with_name("auth.log.1").unlink()
        reading = restarted(log, place, clock).read()
        keeper.close()
        assert (lines_of(reading), kinds_of(reading)) == ([b"2"], [NoticeKind.ROTATED_AWAY])

    def test_a_deleted_file_is_read_to_its_end_and_let_go(self, log: Path, follower: Follower, clock: Clock) -> None:
        append(log, b"1\n")
        follower.read()
        append(log, b"2\nunfin")
        rotate(log)
        append(log, b"3\n")
        log.with_name("auth.log.1").unlink()
        assert lines_of(follower.read()) == [b"2", b"3"]
        clock.now += 599
        assert follower.read().lines == []
        assert len(follower.place) == 2
        clock.now += 1
        assert follower.read().lines == [(b"unfin", "unfinished")]
        assert len(follower.place) == 1

    @pytest.mark.refusal
    @pytest.mark.parametrize("pause", [6, 599])
    def test_a_writer_that_pauses_after_a_rotation_has_its_line_whole(
        self, log: Path, follower: Follower, clock: Clock, pause: float
    ) -> None:
        append(log, b"1\nhal")
        with log.open("ab", buffering=0) as writer:
            follower.read()
            rotate(log)
            append(log, b"3\n")
            assert lines_of(follower.read()) == [b"3"]
            log.with_name("auth.log.1").unlink()
            clock.now += pause
            assert lines_of(follower.read()) == []
            writer.write(b"f\n")
            assert lines_of(follower.read()) == [b"half"]

    def test_a_file_that_is_renamed_back_goes_on_from_its_place(self, log: Path, follower: Follower) -> None:
        append(log, b"1\n")
        follower.read()
        rotate(log)
        append(log, b"2\n")
        assert lines_of(follower.read()) == [b"2"]
        log.with_name("auth.log.1").rename(log)
        append(log, b"3\n")
        assert lines_of(follower.read()) == [b"3"]


class TestTruncation:
    """A file that is cut short is read from its beginning, and the loss is named."""

    @pytest.mark.parametrize("again", [b"x\n", b"y" * 100 + b"\n"], ids=["shorter", "longer than before"])
    def test_while_it_is_followed(self, log: Path, follower: Follower, again: bytes) -> None:
        append(log, b"first\n")
        follower.read()
        log.write_bytes(again)
        reading = follower.read()
        assert (lines_of(reading), kinds_of(reading)) == ([again[:-1]], [NoticeKind.TRUNCATED])

    @pytest.mark.parametrize("again", [b"x\n", b"y" * 100 + b"\n"], ids=["shorter", "longer than before"])
    def test_while_nobody_looked(self, log: Path, clock: Clock, again: bytes) -> None:
        follower = Follower(log, clock=clock)
        append(log, b"first\n")
        follower.read()
        log.write_bytes(again)
        reading = restarted(log, follower.place, clock).read()
        assert (lines_of(reading), kinds_of(reading)) == ([again[:-1]], [NoticeKind.TRUNCATED])

    def test_another_file_with_the_same_inode_is_told_by_its_beginning(self, log: Path, clock: Clock) -> None:
        follower = Follower(log, clock=clock)
        append(log, b"Server listening on port 22.\nsame length A\n")
        follower.read()
        log.write_bytes(b"Server listening on port 22.\nsame length B\nnew\n")  # the same inode, as after reuse
        reading = restarted(log, follower.place, clock).read()
        assert kinds_of(reading) == [NoticeKind.TRUNCATED]
        assert len(reading.lines) == 3


ACCEPTED = b"Nov 22 14:00:01 web-1 sshd[812]: Accepted password for root from 203.0.113.9 port 52144 ssh2"
HOLES = [1, LONGEST - 1, LONGEST, LONGEST + 1, MOST_BYTES, MOST_BYTES + 1, ENDLESS + 1, 100 * 1024 * 1024]


def write_behind_hole(log: Path, hole: int, data: bytes) -> None:
    """Cut `log` short and go on `hole` bytes behind its beginning, as a writer without O_APPEND does."""
    with log.open("r+b") as file:
        file.truncate(0)
        file.seek(hole)
        file.write(data)


class TestHoles:
    """NUL bytes before a line are no part of it, and are counted."""

    def test_after_a_file_was_cut_short_under_its_writer_the_next_line_is_understood(
        self, log: Path, follower: Follower
    ) -> None:
        append(log, b"first\nsecond\n")
        follower.read()
        write_behind_hole(log, 13, ACCEPTED + b"\nnext\n")
        reading = follower.read()
        assert kinds_of(reading) == [NoticeKind.TRUNCATED]
        assert reading.lines == [(ACCEPTED, "nul:13"), (b"next", "")]
        seen = parsers.parse("sshd", Line(1, 1795646600.0, reading.lines[0][0]), "web-1")
        assert seen.fields["action"] == "password-accepted"

    @pytest.mark.parametrize("hole", HOLES)
    @pytest.mark.parametrize("knows_holes", [True, False])
    def test_a_hole_of_any_size_is_passed(
        self, log: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch, hole: int, knows_holes: bool
    ) -> None:
        if not knows_holes:
            monkeypatch.setattr(LogFile, "_data_from", lambda _file, offset, _size: offset)
        append(log, b"")
        write_behind_hole(log, hole, ACCEPTED + b"\n" + b"y" * (LONGEST + 5) + b"\n")
        lines = [line for _ in range(4) for line in follower.read().lines]
        assert lines == [(ACCEPTED, f"nul:{hole}"), (b"y" * LONGEST, "truncated:5")]

    @pytest.mark.parametrize("knows_holes", [True, False])
    def test_a_large_hole_is_not_taken_into_memory(
        self, log: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch, knows_holes: bool
    ) -> None:
        if not knows_holes:
            monkeypatch.setattr(LogFile, "_data_from", lambda _file, offset, _size: offset)
        append(log, b"")
        write_behind_hole(log, 100 * 1024 * 1024, ACCEPTED + b"\n")
        tracemalloc.start()
        try:
            lines = [line for _ in range(3) for line in follower.read().lines]
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert lines == [(ACCEPTED, "nul:104857600")]
        assert most < 8 * 1024 * 1024

    def test_others_need_not_wait_until_it_is_passed(
        self, log: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(LogFile, "_data_from", lambda _file, offset, _size: offset)
        monkeypatch.setattr(logfile, "_MOST_PIECES", 2)
        append(log, b"")
        write_behind_hole(log, 5 * 1024 * 1024, ACCEPTED + b"\n")
        readings = [follower.read().lines for _ in range(3)]
        assert readings == [[], [], [(ACCEPTED, "nul:5242880")]]

    def test_a_place_within_a_hole_is_the_one_before_it(
        self, log: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(logfile, "_MOST_PIECES", 2)
        monkeypatch.setattr(LogFile, "_data_from", lambda _file, offset, _size: offset)
        follower = Follower(log, clock=clock)
        append(log, b"first\n")
        assert lines_of(follower.read()) == [b"first"]
        append(log, bytes(3 * 1024 * 1024) + b"second\n")
        assert follower.read().lines == []
        again = restarted(log, follower.place, clock)
        assert [line for _ in range(2) for line in again.read().lines] == [(b"second", "nul:3145728")]

    def test_a_hole_without_a_line_waits_for_one(self, log: Path, follower: Follower) -> None:
        append(log, b"")
        os.truncate(log, 100 * 1024 * 1024)
        assert [follower.read().lines for _ in range(2)] == [[], []]
        append(log, b"line\n")
        assert follower.read().lines == [(b"line", "nul:104857600")]

    def test_a_hole_that_is_cut_short_again_is_forgotten(self, log: Path, follower: Follower) -> None:
        append(log, b"")
        os.truncate(log, 100 * 1024 * 1024)
        follower.read()
        log.write_bytes(b"x" * (MOST_BYTES + 1) + b"\n")
        assert follower.read().lines == [(b"x" * LONGEST, f"truncated:{MOST_BYTES + 1 - LONGEST}")]

    def test_within_a_file_and_by_themselves(self, log: Path, follower: Follower) -> None:
        append(log, b"a\n\0\0b\n\0\nc\0d\n\0e\0f\n")
        assert follower.read().lines == [
            (b"a", ""), (b"b", "nul:2"), (b"", "nul:1"), (b"c\0d", "binary"), (b"e\0f", "nul:1,binary"),
        ]  # fmt: skip

    @pytest.mark.parametrize(("rest", "kept"), [(b"half", b"half"), (b"", b"")])
    def test_what_a_rotated_file_ends_with(
        self, log: Path, follower: Follower, clock: Clock, rest: bytes, kept: bytes
    ) -> None:
        append(log, b"first\n" + bytes(LONGEST * 2) + rest)
        follower.read()
        rotate(log)
        log.touch()
        follower.read()
        clock.now += 601
        assert follower.read().lines == [(kept, f"nul:{LONGEST * 2},unfinished")]


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root reads everything: be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


class TestHindrances:
    """What keeps a file from being read is said, and ends."""

    def test_a_file_that_is_not_there_yet(self, log: Path, follower: Follower) -> None:
        assert follower.read().hindrance == (NoticeKind.FILE_MISSING, {"path": str(log)})
        append(log, b"1\n")
        reading = follower.read()
        assert (lines_of(reading), reading.hindrance) == ([b"1"], None)

    def test_a_moment_between_two_files_is_no_hindrance(self, log: Path, follower: Follower, clock: Clock) -> None:
        append(log, b"1\n")
        follower.read()
        rotate(log)
        assert follower.read().hindrance is None
        clock.now += 10
        assert follower.read().hindrance == (NoticeKind.FILE_MISSING, {"path": str(log)})

    def test_a_folder_in_its_place(self, log: Path, follower: Follower) -> None:
        log.mkdir()
        hindrance = follower.read().hindrance
        assert hindrance is not None
        assert hindrance[0] is NoticeKind.FILE_UNREADABLE

    def test_permission_lost_and_regained(self, log: Path, clock: Clock) -> None:
        append(log, b"1\n")
        follower = Follower(log, clock=clock)
        follower.read()
        place = follower.place
        follower.close()
        append(log, b"2\n")
        for folder in log.parents:
            if folder == Path(gettempdir()):
                break
            folder.chmod(0o711)
        log.parent.chmod(0o755)
        log.chmod(0)
        with without_privileges():
            follower = restarted(log, place, clock)
            reading = follower.read()
            assert (reading.lines, reading.losses) == ([], [])
            assert reading.hindrance is not None
            assert reading.hindrance[0] is NoticeKind.FILE_UNREADABLE
            assert follower.place == place
        log.chmod(0o644)
        with without_privileges():
            reading = follower.read()
            assert (lines_of(reading), reading.hindrance, reading.losses) == ([b"2"], None, [])

    def test_an_open_file_is_read_on_though_its_name_may_not_be(self, log: Path, follower: Follower) -> None:
        append(log, b"1\n")
        follower.read()
        rotate(log)
        log.mkdir()
        append(log.with_name("auth.log.1"), b"2\n")
        reading = follower.read()
        assert lines_of(reading) == [b"2"]
        assert reading.hindrance is not None


class TestTheFirstStart:
    """What stood in rotated files before is not new, whenever they are met again."""

    @pytest.mark.refusal
    @pytest.mark.parametrize("from_end", [False, True])
    @pytest.mark.parametrize("restart", [False, True])
    def test_lines_from_before_do_not_come_with_the_next_rotation(
        self, log: Path, clock: Clock, *, from_end: bool, restart: bool
    ) -> None:
        append(log, b"before\n")
        rotate(log)
        log.touch()
        older, current = log.with_name("auth.log.1"), log.stat().st_mtime_ns
        os.utime(older, ns=(current, current + 1_000_000_000))  # its writer had not noticed the rotation at once
        follower = Follower(log, from_end=from_end, clock=clock)
        assert follower.read().lines == []
        if restart:
            follower = restarted(log, follower.place, clock)
        rotate(log)
        append(log, b"after\n")
        assert [line for _ in range(2) for line in lines_of(follower.read())] == [b"after"]

    def test_what_is_added_to_them_since_is_new(self, log: Path, follower: Follower) -> None:
        append(log, b"before\n")
        rotate(log)
        older = log.with_name("auth.log.1")
        log.touch()
        os.utime(log, ns=(0, 0))
        assert follower.read().lines == []
        append(older, b"late\n")
        assert lines_of(follower.read()) == [b"late"]


def test_from_the_end_means_from_the_first_look(log: Path, clock: Clock) -> None:
    append(log, b"old\n")
    follower = Follower(log, from_end=True, clock=clock)
    assert follower.read().lines == []
    append(log, b"new\n")
    assert lines_of(follower.read()) == [b"new"]


def test_a_file_that_appears_later_is_read_from_its_first_byte(log: Path, clock: Clock) -> None:
    follower = Follower(log, from_end=True, clock=clock)
    follower.read()
    append(log, b"first\n")
    assert lines_of(follower.read()) == [b"first"]


TEXTS = {"short": b"a", "empty": b"", "overlong": b"long" * 40_000, "binary": b"\xff\x00"}


class RandomLife(RuleBasedStateMachine):
    """Writing, rotating, crashing and stopping in any order: committed lines are exactly the written ones, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.log = Path(self.folder.name) / "auth.log"
        self.clock = Clock()
        self.follower = Follower(self.log, clock=self.clock)
        self.written: list[bytes] = []
        self.committed: list[bytes] = []
        self.changed = time.time_ns()
        self.log.touch()
        self._stamp()
        self.read_and_commit()

    @rule(texts=st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, max_size=8))
    def write(self, texts: list[str]) -> None:
        lines = [b"%d %s" % (len(self.written) + n, TEXTS[text]) for n, text in enumerate(texts)]
        append(self.log, b"".join(line + b"\n" for line in lines))
        self._stamp()
        self.written += [line[:LONGEST] for line in lines]

    def _stamp(self) -> None:
        """Give the log a time of change of its own: a test is faster than the file system's clock."""
        self.changed += 1_000_000
        os.utime(self.log, ns=(self.changed, self.changed))

    @precondition(lambda self: self.log.exists())
    @rule()
    def turn(self) -> None:
        rotate(self.log)

    @rule()
    def read_and_commit(self) -> None:
        reading = self.follower.read()
        assert reading.losses == []
        self.committed += lines_of(reading)
        self.place = self.follower.place

    @rule()
    def crash(self) -> None:
        self.follower.close()
        self.follower = Follower(self.log, clock=self.clock)
        self.follower.resume(self.place)

    @rule()
    def read_and_crash(self) -> None:
        self.follower.read()
        self.crash()

    @rule()
    def read_and_go_back(self) -> None:
        self.follower.read()
        self.follower.resume(self.place)

    @rule(seconds=st.sampled_from([0.1, 6.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def nothing_is_repeated_or_out_of_order(self) -> None:
        assert self.committed == self.written[: len(self.committed)]

    def teardown(self) -> None:
        before = -1
        while len(self.committed) > before:
            before = len(self.committed)
            self.read_and_commit()
        self.follower.close()
        self.folder.cleanup()
        assert self.committed == self.written


RandomLife.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestRandomLife = RandomLife.TestCase
