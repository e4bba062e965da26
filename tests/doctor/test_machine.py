"""What only somebody at the machine can see: each check with a machine in order and one that truly is not."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import psutil
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.doctor import children, clocks, disk, files
from senim.doctor.machine import ABOUT, checks
from senim.kit.clock import now
from senim.kit.crypto import keys
from senim.kit.instance import Instance
from senim.kit.noted import Noted
from senim.site.doctor import house_of
from tests.kit.certificates import DAY, Identity


class TestDisk:
    """Room is counted in bytes and in files, once for each file system."""

    def test_there_is_room_here(self, tmp_path: Path) -> None:
        assert list(disk.faults([tmp_path, tmp_path], least_bytes=1, least_files=0)) == []

    @pytest.mark.parametrize(("more", "faults"), [(0, 0), (1, 1)])
    def test_the_threshold_is_exact(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int, faults: int
    ) -> None:
        still = os.statvfs(tmp_path)  # others write to this disk meanwhile: one look for both sides
        monkeypatch.setattr(disk.os, "statvfs", lambda _path: still)
        free = still.f_bavail * still.f_frsize
        assert len(list(disk.faults([tmp_path], least_bytes=free + more, least_files=0))) == faults
        assert len(list(disk.faults([tmp_path], least_bytes=1, least_files=still.f_favail + more))) == faults

    def test_a_full_file_system_is_told_once_however_many_folders_lie_there(self, tmp_path: Path) -> None:
        (fault,) = disk.faults([tmp_path, tmp_path / "..", tmp_path], least_bytes=2**60, least_files=0)
        assert str(tmp_path) in str(fault.what)


class TestClock:
    """Set while the house runs, or kept by nobody."""

    def note(self, folder: Path, *, earlier: float) -> Path:
        """What the supervisor wrote down of this very process, by a clock that was set forward since."""
        born = psutil.Process().create_time() - earlier
        note = folder / "worker.json"
        note.write_bytes(msgspec.json.encode(Noted.of(os.getpid())))
        os.utime(note, (born, born))
        return folder

    @pytest.mark.parametrize(("seconds", "is_told"), [(0, False), (2, False), (60, True), (-60, True)])
    def test_a_step_is_told(self, tmp_path: Path, seconds: float, is_told: bool) -> None:
        noted = self.note(tmp_path, earlier=seconds)
        found = list(clocks.faults(noted, must_be_synchronised=False))
        assert bool(found) is is_told
        assert all(str(seconds) in str(fault.what) for fault in found)

    def test_without_a_running_process_nothing_is_said(self, tmp_path: Path) -> None:
        assert clocks.stepped(tmp_path) == 0

    def test_whether_somebody_keeps_it_right_is_the_kernel_s_word(self, tmp_path: Path) -> None:
        """As `adjtimex` of the machine says, whatever this machine's state is."""
        told = bool(list(clocks.faults(tmp_path, must_be_synchronised=True)))
        assert told is not clocks.is_synchronised()
        assert list(clocks.faults(tmp_path, must_be_synchronised=False)) == []

    @pytest.mark.parametrize(("status", "is_synchronised"), [(0x0001, True), (0x0041, False)])
    def test_the_kernel_s_word_is_read_rightly(
        self, monkeypatch: pytest.MonkeyPatch, status: int, is_synchronised: bool
    ) -> None:
        class Kernel:
            """Answers as the system call does."""

            @staticmethod
            def adjtimex(told: object) -> int:
                told[40:44] = status.to_bytes(4, "little")  # type: ignore[index]
                return 0

        monkeypatch.setattr(clocks.ctypes, "CDLL", lambda *_args, **_more: Kernel)
        assert clocks.is_synchronised() is is_synchronised


class TestPrivateFiles:
    """Keys and secrets are there, and nobody else's to read."""

    @pytest.fixture
    def key(self, tmp_path: Path) -> Path:
        path = tmp_path / "a.key"
        path.write_text("secret")
        path.chmod(0o600)
        return path

    def told(self, key: Path) -> list[str]:
        return [str(fault.what) for fault in files.exposed(key.parent, [key])]

    def test_in_order(self, key: Path) -> None:
        assert self.told(key) == []

    @pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o601])
    def test_open_to_others(self, key: Path, mode: int) -> None:
        key.chmod(mode)
        assert self.told(key) == ["a.key is open to others"]

    def test_missing(self, key: Path) -> None:
        key.unlink()
        assert self.told(key) == ["a.key is missing"]

    def test_a_link_in_its_place(self, key: Path) -> None:
        key.rename(key.with_name("b.key"))
        key.symlink_to("b.key")
        assert self.told(key) == ["a.key is not an ordinary file"]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_of_another_user(self, key: Path) -> None:
        os.chown(key, 65534, -1)
        assert self.told(key) == ["a.key belongs to another user"]


class TestCertificates:
    """Named before they end."""

    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        path = tmp_path / "door.crt"
        path.write_bytes(Identity(keys.new_ec(), "signing", ends=90 * DAY).certificate.public_bytes(Encoding.PEM))
        return path

    def test_soon_is_thirty_days_to_the_second(self, certificate: Path) -> None:
        from cryptography import x509

        ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
        cases = {
            ends - timedelta(days=30): [],
            ends - timedelta(days=30) + timedelta(seconds=1): [f"door.crt ends on {ends:%d.%m.%Y}"],
            ends: [f"door.crt ends on {ends:%d.%m.%Y}"],
            ends + timedelta(seconds=1): ["door.crt is not valid now"],
        }
        for moment, told in cases.items():
            assert [str(f.what) for f in files.ending(certificate.parent, [certificate], moment)] == told

    @pytest.mark.parametrize("content", [None, b"", b"no certificate"])
    def test_none_at_all(self, certificate: Path, content: bytes | None) -> None:
        certificate.unlink() if content is None else certificate.write_bytes(content)
        (fault,) = files.ending(certificate.parent, [certificate], now())
        assert fault.what == "door.crt holds no certificate"


class TestChildren:
    """What the supervisor noted is there."""

    def test_running_and_ended(self, tmp_path: Path) -> None:
        sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        (tmp_path / "worker.json").write_bytes(msgspec.json.encode(Noted.of(sleeper.pid)))
        assert list(children.faults(tmp_path)) == []
        sleeper.kill()
        sleeper.communicate()
        (fault,) = children.faults(tmp_path)
        assert fault.what == "worker has ended"

    def test_a_house_that_does_not_run(self, tmp_path: Path) -> None:
        (fault,) = children.faults(tmp_path)
        assert fault.what == "The house does not run"


def test_a_founded_instance_has_all_its_keys_to_itself(instance: Instance) -> None:
    house = house_of(instance)
    assert len(house.private) > 10
    assert list(files.exposed(instance.home, house.private)) == []
    assert list(files.ending(instance.home, house.certificates, now())) == []


def test_what_is_said_of_these_checks_elsewhere_is_true(instance: Instance) -> None:
    assert tuple(check.about for check in checks(house_of(instance))) == ABOUT
