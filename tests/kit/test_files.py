"""Secrets are closed to others, and files are whole."""

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def write_new(out: Path, then: Callable[[], object] = lambda: None) -> None:
    with files.new_file(out) as write:
        write(b"told")
        then()


class TestANewFile:
    """It bears its name when everything went well, and what failed leaves nothing that looks like it."""

    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        return tmp_path / "exported"

    def test_what_was_written_has_its_name_when_the_block_is_over(self, out: Path) -> None:
        with files.new_file(out, mode=0o600) as write:
            write(b"told")
            assert not out.exists()
        assert out.read_bytes() == b"told"
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert list(out.parent.iterdir()) == [out]

    @pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
    def test_where_the_block_fails_nothing_is_there(self, out: Path, failure: type[BaseException]) -> None:
        def fail() -> None:
            raise failure

        with pytest.raises(failure):
            write_new(out, then=fail)
        assert list(out.parent.iterdir()) == []

    def test_where_what_is_inside_fails_at_its_end_nothing_is_there(self, out: Path) -> None:
        """As a transaction whose commit fails."""

        @contextmanager
        def commit() -> Iterator[None]:
            yield
            raise RuntimeError

        with pytest.raises(RuntimeError), files.new_file(out) as write, commit():
            write(b"told")
        assert list(out.parent.iterdir()) == []

    def test_where_there_is_no_room_nothing_is_there(self, out: Path) -> None:
        with pytest.raises(FileNotFoundError):
            write_new(out / "below" / "nothing")
        assert list(out.parent.iterdir()) == []

    @pytest.mark.parametrize("make", [lambda path: path.write_bytes(b"older"), lambda path: path.symlink_to("nowhere")])
    def test_nothing_is_overwritten(self, out: Path, make: Callable[[Path], object]) -> None:
        make(out)
        with pytest.raises(files.FileThere), files.new_file(out):
            raise AssertionError("the block must not begin")
        assert out.is_symlink() or out.read_bytes() == b"older"

    def test_a_name_that_somebody_takes_meanwhile_stays_theirs(self, out: Path) -> None:
        with pytest.raises(files.Unnamed) as refusal:
            write_new(out, then=lambda: out.write_bytes(b"theirs"))
        assert out.read_bytes() == b"theirs"
        (draft,) = set(out.parent.iterdir()) - {out}
        assert draft.read_bytes() == b"told"
        assert str(draft) in str(refusal.value)
