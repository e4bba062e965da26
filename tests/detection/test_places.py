"""What rule files hold is told without reading a rule."""

import hashlib
import os
from pathlib import Path

import pytest

from senim.detection import places
from senim.detection.places import MOST_BYTES, UNREADABLE, digests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sshd").mkdir()
    (tmp_path / "sshd" / "own.yml").write_bytes(b"title: Own\n")
    return tmp_path


def test_a_file_is_known_by_what_it_holds_and_examples_are_none(folder: Path) -> None:
    (folder / "sshd" / "own.examples.yml").write_text("examples: []")
    (folder / "sshd" / "own.yml.off").write_text("title: Off")
    (folder / "beside.yml").write_text("title: In no folder of a source")
    assert digests({"bureau": folder}) == {"bureau/sshd/own.yml": hashlib.sha256(b"title: Own\n").hexdigest()}


def test_a_folder_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert digests({"bureau": tmp_path / "nowhere"}) == {}


@pytest.mark.parametrize(("size", "is_read"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
def test_what_nobody_would_read_is_not_read(folder: Path, size: int, is_read: bool) -> None:
    (folder / "sshd" / "own.yml").write_bytes(b"#" * size)
    assert (digests({"bureau": folder})["bureau/sshd/own.yml"] != UNREADABLE) is is_read


def test_what_is_no_file_is_named_and_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "sshd" / "pipe.yml")
    (folder / "sshd" / "folder.yml").mkdir()
    found = digests({"bureau": folder})
    assert found["bureau/sshd/pipe.yml"] == found["bureau/sshd/folder.yml"] == UNREADABLE


def test_a_link_to_nothing_is_no_file(folder: Path) -> None:
    (folder / "sshd" / "link.yml").symlink_to(folder / "nowhere")
    assert set(digests({"bureau": folder})) == {"bureau/sshd/own.yml"}


def test_a_name_that_is_no_text_is_spelt_out(folder: Path) -> None:
    (folder / "sshd" / os.fsdecode(b"a\xff\x1b.yml")).write_text("title: Odd")
    assert r"bureau/sshd/a\udcff\x1b.yml" in digests({"bureau": folder})


def test_ours_come_first() -> None:
    assert any(file == "ours/sshd/password-guessed.yml" for file, _ in places.files({"ours": places.OURS}))
