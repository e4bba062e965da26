"""An instance never lies where every process may read, and a process may read no more than it needs."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from senim.kit.confine import available
from senim.kit.instance import BadSettings, Instance, Profile
from senim.site import layout
from senim.site.founding import found
from senim.site.layout import code_folders, open_folder_above
from senim.site.startup import Refused, raise_if_unfit


@pytest.mark.parametrize("home", ["/etc/senim", "/usr/lib/senim", "/usr/local/share/senim", "/lib/senim", sys.prefix])
def test_these_folders_are_open_to_every_process(home: str) -> None:
    assert open_folder_above(Path(home))


@pytest.mark.parametrize("home", ["/srv/senim", "/var/lib/senim", "/opt/senim/var", "/usr/src/senim/var", "/root/var"])
def test_these_are_not(home: str) -> None:
    assert open_folder_above(Path(home)) is None


def test_nothing_is_founded_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "etc"
    monkeypatch.setattr(layout, "code_folders", lambda: [code])
    with pytest.raises(BadSettings, match=str(tmp_path)):
        found(code / "senim", Profile.PRODUCTION)
    assert not code.exists()


def test_a_link_does_not_hide_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "etc"
    code.mkdir()
    (tmp_path / "home").symlink_to(code)
    monkeypatch.setattr(layout, "code_folders", lambda: [code])
    with pytest.raises(BadSettings):
        found(tmp_path / "home" / "senim", Profile.DEMONSTRATION)


def test_an_instance_that_was_moved_there_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance: Instance = found(tmp_path / "etc" / "senim", Profile.DEMONSTRATION)
    raise_if_unfit(instance)
    monkeypatch.setattr(layout, "code_folders", lambda: [tmp_path / "etc"])
    with pytest.raises(Refused) as refusal:
        raise_if_unfit(instance)
    assert [finding.name for finding in refusal.value.findings] == ["home:open"]


def test_no_process_may_read_a_whole_prefix() -> None:
    assert not {Path("/"), Path("/usr"), Path("/usr/local"), Path(sys.base_prefix)} & set(code_folders())


_CHILD = """
import sys
from pathlib import Path
from senim.kit.confine import confine
from senim.kit.instance import Instance
from senim.site.processes import PROGRAMS
instance, shared = Instance.load(Path(sys.argv[1])), Path(sys.argv[2])
program = PROGRAMS[0]
assert confine(readable=program.readable(instance), writable=program.writable(instance))
Path("/dev/null").write_bytes(b"nothing")
assert len(Path("/dev/urandom").open("rb").read(8)) == 8
(instance.state(program.name) / "note").write_text("kept")
for act in (shared.read_text, lambda: shared.write_text("x"), lambda: (shared.parent / "new").touch()):
    try:
        act()
    except PermissionError:
        print("refused")
"""


@pytest.mark.skipif(not available(), reason="NOT RUN: this kernel has no Landlock")
@pytest.mark.parametrize("place", ["/dev/shm", "/tmp"])
def test_a_process_uses_devices_and_shares_no_memory_with_others(instance: Instance, place: str) -> None:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        shared = Path(folder, "shared")
        shared.write_text("another's")
        command = [sys.executable, "-c", _CHILD, str(instance.home), str(shared)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout.split() == ["refused"] * 3, done.stderr
        assert shared.read_text() == "another's"
