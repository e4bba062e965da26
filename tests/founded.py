"""Demonstrations founded in no time: secrets, keys and certificates of one that was founded before, all else their own.

Making keys takes most of a founding; what shares them here shares nothing else, and `tests/site/test_founding.py` makes
its own.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from senim.kit.instance import Instance, Profile
from senim.site.founding import found

_SHARED = ("keys", "secrets", "stand_ins", "trust")


def founded(home: Path, *, usual_ports: bool = False) -> Instance:
    """A demonstration at `home`, which is not there yet."""
    home.mkdir(mode=0o700, parents=True)
    for name in _SHARED:
        shutil.copytree(_first().home / name, home / name)
    return found(home, Profile.DEMONSTRATION, usual_ports=usual_ports)


@cache
def _first() -> Instance:
    """The one whose secrets, keys and certificates the others have; nobody changes it."""
    folder = Path(tempfile.mkdtemp(prefix="senim-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return found(folder / "var", Profile.DEMONSTRATION, usual_ports=False)
