"""Secrets are closed to others, and files are whole."""

from pathlib import Path

import pytest

from senim.kit import files


def test_a_secret_is_written_for_its_owner_only(tmp_path: Path) -> None:
    files.write_private(tmp_path / "s", b"secret")
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    assert files.read_private(tmp_path / "s") == b"secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    files.write_private(tmp_path / "s", b"secret")
    (tmp_path / "s").chmod(mode)
    with pytest.raises(files.ExposedFile, match="chmod 600"):
        files.read_private(tmp_path / "s")


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    files.write_durably(tmp_path / "f", b"old")
    (tmp_path / "d").mkdir()
    with pytest.raises(IsADirectoryError):
        files.write_durably(tmp_path / "d", b"new")
    assert (tmp_path / "f").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d", "f"]


def test_a_private_folder_is_not_a_link_somebody_left(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(files.ExposedFile):
        files.private_folder(tmp_path / "link")
