"""Demonstrations founded in no time: secrets, keys and certificates of one that was founded before, all else their own.

Making keys takes most of a founding, and making a database half of a first start; what shares them here shares nothing
else. `tests/site/test_founding.py` makes its own keys, and `tests/functional/test_strange_home.py` its own database.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from senim.kit.instance import Instance, Profile
from senim.site.embedded import place
from senim.site.embedded.postgres import Postgres
from senim.site.founding import found

_SHARED = ("keys", "secrets", "stand_ins", "trust")
_PREPARE = """
from senim.kit.instance import Instance
from senim.site.supervisor.up import Supervisor
supervisor = Supervisor(Instance.load(), print)
with supervisor.alone():
    try:
        supervisor._start_engines()
        supervisor._prepare_database()
    finally:
        supervisor.stop()
"""


def founded(home: Path, *, usual_ports: bool = False) -> Instance:
    """A demonstration at `home`, which is not there yet."""
    home.mkdir(mode=0o700, parents=True)
    for name in _SHARED:
        shutil.copytree(_first().home / name, home / name)
    return found(home, Profile.DEMONSTRATION, usual_ports=usual_ports)


def give_database(instance: Instance) -> None:
    """Let `instance`, which is founded and never ran, have a database as its first start would make it."""
    made = _with_database()
    shutil.copytree(made.home / "secrets" / "supervisor", instance.home / "secrets" / "supervisor", dirs_exist_ok=True)
    place.ensure_engine_home(instance)
    copy = ["cp", "--archive", str(Postgres(made).data), str(Postgres(instance).data)]  # owners, too
    subprocess.run(copy, check=True)


@cache
def _with_database() -> Instance:
    """The one whose database the others have, at rest."""
    folder = Path(tempfile.mkdtemp(prefix="senim-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    instance = founded(folder / "var")
    atexit.register(place.forget, instance)
    there = {name: value for name, value in os.environ.items() if not name.startswith(("SENIM_", "DJANGO_"))}
    command = [sys.executable, "-c", _PREPARE]
    subprocess.run(command, env={**there, "SENIM_HOME": str(instance.home)}, capture_output=True, check=True)
    return instance


@cache
def _first() -> Instance:
    """The one whose secrets, keys and certificates the others have; nobody changes it."""
    folder = Path(tempfile.mkdtemp(prefix="senim-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return found(folder / "var", Profile.DEMONSTRATION, usual_ports=False)
