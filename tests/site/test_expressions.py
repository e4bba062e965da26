"""Regular expressions mean the same on every Python that we run on."""

import re
from pathlib import Path

import senim
import stand_ins

_POSSESSIVE_GROUP = re.compile(r"[^(]\)(?:[*+?]|\{\d*,?\d*\})\+")
_SOURCES = [Path(senim.__file__).parent, *map(Path, stand_ins.__path__)]


def test_no_group_is_repeated_possessively() -> None:
    """Debian 12's Python 3.11.2 matches such a group wrongly where something in it can be tried in two ways."""
    found = [
        f"{path}: {each.group()}"
        for folder in _SOURCES
        for path in folder.rglob("*.py")
        for each in _POSSESSIVE_GROUP.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found
    assert _POSSESSIVE_GROUP.search(r"(?:a|b)*+")
