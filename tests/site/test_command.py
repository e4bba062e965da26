"""The command line ends with one line that says what is wrong, never with a stack trace."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from senim.kit.instance import Instance, Profile
from senim.site.embedded import place
from senim.site.founding import found


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = found(tmp_path_factory.mktemp("command") / "var", Profile.DEMONSTRATION, usual_ports=False)
    yield instance
    place.forget(instance)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of loopback on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def _senim(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "SENIM_HOME": str(home), "LANG": "C.UTF-8", **more}
    environment.pop("SENIM_PROCESS", None)
    command = [sys.executable, "-m", "senim.site.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_database_that_does_not_answer_is_told_without_its_secret(own: Instance, closed_port: int) -> None:
    url = f"postgresql://boss:s3cret@127.0.0.1:{closed_port}/senim"
    done = _senim(own.home, "up", SENIM_DATABASE_URL=url)
    assert done.returncode == 2
    assert f"the database at 127.0.0.1, port {closed_port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr + done.stdout
    assert not list((own.home / "run").glob("*.json"))


def test_a_command_while_the_house_is_down_is_told_in_one_line(own: Instance) -> None:
    done = _senim(own.home, "accounts", "list")
    assert done.returncode
    assert done.stderr.startswith("senim: ")
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = _senim(tmp_path / "file" / "var", "init")
    assert done.returncode == 2
    assert done.stderr.startswith("senim: ")
    assert "Traceback" not in done.stderr
