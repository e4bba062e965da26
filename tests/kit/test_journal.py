"""A journal keeps whole lines, and no more of them than it may."""

import os
import threading
from pathlib import Path

import pytest

from senim.kit.journal import Journal


def test_lines_are_appended_whole_in_any_thread(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    threads = [threading.Thread(target=lambda: [journal.write(b"x" * 100) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a.jsonl").read_bytes().split(b"\n") == [b"x" * 100] * 400 + [b""]
    assert (tmp_path / "a.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("most_bytes", "files"), [(20, ["a"]), (19, ["a", "a.1"])])
def test_a_file_that_is_full_is_put_aside(tmp_path: Path, most_bytes: int, files: list[str]) -> None:
    journal = Journal(tmp_path / "a", most_bytes=most_bytes)
    journal.write(b"123456789")
    journal.write(b"abcdefghi")
    assert sorted(path.name for path in tmp_path.iterdir()) == files


def test_the_oldest_goes(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a", most_bytes=5, kept=2)
    for line in (b"1111", b"2222", b"3333", b"4444"):
        journal.write(line)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "a": b"4444\n", "a.1": b"3333\n", "a.2": b"2222\n",
    }  # fmt: skip


def test_a_line_longer_than_a_file_is_kept_all_the_same(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a", most_bytes=5)
    journal.write(b"123456789")
    assert (tmp_path / "a").read_bytes() == b"123456789\n"


@pytest.mark.refusal
def test_half_a_line_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full takes what it can."""
    journal = Journal(tmp_path / "a")
    journal.write(b"first")
    write = os.write
    monkeypatch.setattr("os.write", lambda handle, data: write(handle, data[:3]))
    with pytest.raises(OSError, match="no room"):
        journal.write(b"second")
    monkeypatch.undo()
    journal.write(b"third")
    assert (tmp_path / "a").read_bytes() == b"first\nthird\n"
