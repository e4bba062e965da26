"""The console may read the history and nothing more: asked of a process that is confined as the console is."""

import subprocess
import sys
from pathlib import Path

import pytest

from senim.history.history import PROCESS
from senim.kit.confine import available
from senim.kit.instance import Instance, Profile
from senim.site.founding import found
from tests.history.writing import frame, written

_DOOR = """
import os
import sys
from pathlib import Path
from datetime import UTC, datetime
from deltalake.exceptions import DeltaError
from senim.history.filters import Filter
from senim.history.history import PROCESS, History
from senim.history.internal.table import Table
from senim.kit.confine import confine
from senim.kit.instance import Instance
from senim.kit.problems import Problem
from senim.site.processes import PROGRAMS

instance = Instance.load(Path(sys.argv[1]))
program = next(program for program in PROGRAMS if program.name == sys.argv[2])
state = instance.state(PROCESS)
data, entry = next(state.rglob("*.parquet")), next(state.rglob("*.json"))
assert confine(readable=program.readable(instance), writable=program.writable(instance))
asked = Filter(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
for act in (
    lambda: print([event.text for event in History(instance).page(asked).events]),
    lambda: print(History(instance).one("sshd", "e1", 1).line),
    lambda: data.unlink(),
    lambda: entry.write_bytes(b""),
    lambda: (state / "events" / "new").write_bytes(b""),
    lambda: (state / "lock").open("a"),
    lambda: os.rename(state, state.with_name("stolen")),
    lambda: Table(state),
):
    try:
        act()
    except (DeltaError, OSError, Problem):
        print("refused")
"""
_WRITING = 6


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    instance = found(tmp_path_factory.mktemp("reader") / "var", Profile.DEMONSTRATION, usual_ports=False)
    written(instance.state(PROCESS), frame(1, ["a line"]))
    return instance


def as_process(house: Instance, name: str) -> list[str]:
    command = [sys.executable, "-c", _DOOR, str(house.home), name]
    environment = {
        "PATH": "/usr/bin:/bin",
        "SENIM_HOME": str(house.home),
        "DJANGO_SETTINGS_MODULE": "senim.site.settings",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.refusal
@pytest.mark.skipif(not available(), reason="NOT RUN: this kernel has no Landlock")
def test_the_console_reads_the_history_and_cannot_change_it(house: Instance) -> None:
    before = contents(house.state(PROCESS))
    assert as_process(house, "console") == ["['a line']", "b'a line'", *["refused"] * _WRITING]
    assert contents(house.state(PROCESS)) == before


@pytest.mark.refusal
@pytest.mark.skipif(not available(), reason="NOT RUN: this kernel has no Landlock")
@pytest.mark.parametrize("name", ["worker", "collector", "detection", "asoi", "sealer"])
def test_no_other_process_may_even_read_it(house: Instance, name: str) -> None:
    assert as_process(house, name) == ["refused"] * (2 + _WRITING)
