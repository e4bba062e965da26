"""An instance is founded in any folder that has a name, and where it cannot be nothing is made."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

from senim.kit.clock import now
from senim.kit.files import PRIVATE_FOLDER
from senim.kit.instance import BadSettings, Instance, Profile
from senim.site.certificates import is_renewal_due
from senim.site.founding import found
from senim.site.startup import raise_if_unfit
from senim.telemetry.settings import telemetry_settings
from tests.ports import free_port


@pytest.mark.parametrize("name", ["a=b", "a=signing=b", 'q"uote', "үй кілт", "it's", "{home}", "100%", "#"])
def test_whatever_the_folder_is_called_the_demonstration_in_it_is_whole(tmp_path: Path, name: str) -> None:
    instance = found(tmp_path / name, Profile.DEMONSTRATION)
    raise_if_unfit(instance)
    assert not is_renewal_due(instance, now())
    paths = {source.name: Path(source.path) for source in telemetry_settings(instance).sources}
    assert paths["sshd"] == instance.state("exercise") / "sshd" / "auth.log"


@pytest.mark.parametrize("name", ["new\nline", "\x1b[31mred", "broken\udc80byte"])
def test_a_name_that_cannot_be_written_down_is_refused_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    with translation.override("en"), pytest.raises(BadSettings, match="control characters") as refusal:
        found(tmp_path / name, Profile.DEMONSTRATION)
    assert str(refusal.value).isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "named"), [("back\\slash", "\\\\"), ("50%25", "%25")])
def test_a_name_that_the_history_would_read_otherwise_is_refused_and_nothing_is_made(
    tmp_path: Path, name: str, named: str
) -> None:
    with translation.override("en"), pytest.raises(BadSettings, match=f"the name holds {named}, which"):
        found(tmp_path / name, Profile.DEMONSTRATION)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_refused_by_the_name_of_the_folder_itself(tmp_path: Path, *, is_there: bool) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    link.symlink_to(folder)
    if is_there:
        folder.mkdir(mode=0o750)
    with translation.override("en"), pytest.raises(BadSettings, match=f"name the folder itself, {folder}"):
        found(link, Profile.DEMONSTRATION)
    assert link.is_symlink()
    assert folder.exists() is is_there
    assert not is_there or not list(folder.iterdir())
    assert not is_there or folder.stat().st_mode & 0o777 == 0o750


def test_a_folder_under_a_link_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    found(tmp_path / "link" / "var", Profile.DEMONSTRATION)
    raise_if_unfit(Instance.load(tmp_path / "link" / "var"))
    assert (tmp_path / "disk" / "var").stat().st_mode & 0o777 == PRIVATE_FOLDER


_PORTS = """
import json, sys
from senim.site.founding import free_ports
print(json.dumps([free_ports(*map(int, sys.argv[1:])), free_ports(*map(int, sys.argv[1:]), usual=False)]))
"""


def test_ports_are_free_and_never_the_same_nor_those_of_outgoing_connections() -> None:
    """Asked of a process of its own: our tests take theirs from elsewhere."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port, nobodys = taken.getsockname()[1], free_port()
        wishes = [str(wish) for wish in (port, nobodys, nobodys, 0, 0)]
        done = subprocess.run([sys.executable, "-c", _PORTS, *wishes], capture_output=True, text=True, check=True)
    usual, unusual = json.loads(done.stdout)
    assert usual[1] == nobodys
    for ports in (usual, unusual):
        assert len(set(ports)) == len(wishes)
        assert port not in ports
    assert all(1024 < each < 32768 for each in [usual[0], *usual[2:], *unusual])
