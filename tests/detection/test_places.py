"""What rule files hold is told without reading a rule."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from senim.detection import places
from senim.detection.places import MOST_BYTES, UNREADABLE, digests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sshd").mkdir()
    (tmp_path / "sshd" / "own.yml").write_bytes(b"title: Own\n")
    return tmp_path


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("title: Mine")


def unread(folder: Path) -> dict[str, str]:
    return {one.file: one.unread for one in places.files({"bureau": folder}) if one.unread}


def test_a_file_is_known_by_what_it_holds(folder: Path) -> None:
    assert digests({"bureau": folder}) == {"bureau/sshd/own.yml": hashlib.sha256(b"title: Own\n").hexdigest()}


@pytest.mark.parametrize("name", ["mine.yml", "mine.yaml", "sshd/mine.yaml", "of our own/mine.yml", ".mine.yml"])
def test_a_rule_file_is_one_at_the_top_and_in_folders_with_either_ending(folder: Path, name: str) -> None:
    put(folder / name)
    assert f"bureau/{name}" in digests({"bureau": folder})
    assert unread(folder) == {}


@pytest.mark.parametrize(
    "name",
    ["own.examples.yml", "sshd/own.examples.yml", "sshd/own.examples.yaml", "README.md", "sshd/README.md", ".gitignore",
     "sshd/.own.yml.swp", ".git/hooks/x", "yara/own.yar", "yara/README.md"],
)  # fmt: skip
def test_what_is_not_taken_for_a_rule_is_none(folder: Path, name: str) -> None:
    put(folder / name)
    assert set(digests({"bureau": folder})) == {"bureau/sshd/own.yml"}


@pytest.mark.parametrize(
    ("name", "lies", "why"),
    [
        ("mine.txt", "mine.txt", "a rule file ends in .yml or .yaml"),
        ("mine", "mine", "a rule file ends in .yml or .yaml"),
        ("MINE.YML", "MINE.YML", "a rule file ends in .yml or .yaml"),
        ("sshd/own.yml.off", "sshd/own.yml.off", "a rule file ends in .yml or .yaml"),
        ("sshd/mine.json", "sshd/mine.json", "a rule file ends in .yml or .yaml"),
        ("sshd/more/mine.yml", "sshd/more", "a folder in a folder; put rule files in HOME/rules"),
        ("own.yar", "own.yar", "signatures lie in HOME/rules/yara and end in .yar"),
        ("sshd/own.yar", "sshd/own.yar", "signatures lie in HOME/rules/yara and end in .yar"),
        ("yara/own.yara", "yara/own.yara", "signatures lie in HOME/rules/yara and end in .yar"),
    ],
)
def test_what_nobody_reads_is_named_with_the_reason(folder: Path, name: str, lies: str, why: str) -> None:
    put(folder / name)
    (told,) = unread(folder).items()
    assert told[0] == f"bureau/{lies}"
    assert why in told[1]
    assert f"bureau/{lies}" in digests({"bureau": folder})


def test_what_stands_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    put(tmp_path / "rules")
    assert unread(tmp_path / "rules") == {"bureau": "not read: Not a directory"}


def test_a_folder_that_cannot_be_looked_into_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def _refused(path: Path) -> Iterator[os.DirEntry[str]]:
        if path.name == "sshd":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", _refused)
    assert unread(folder) == {"bureau/sshd": "not read: Permission denied"}
    assert digests({"bureau": folder}) == {"bureau/sshd": UNREADABLE}


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
    assert any(one.file == "ours/sshd/password-guessed.yml" for one in places.files({"ours": places.OURS}))


def test_of_ours_none_is_unread() -> None:
    assert unread(places.OURS) == {}
