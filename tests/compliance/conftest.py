"""A small tree of its own: a house with one check, and tests that claim it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from senim.clauses.model import Kind
from senim.clauses.registry import registry
from senim.compliance.known_gaps import Gap
from senim.compliance.tree import Tree

NUMBER = "R228/81-1(6)"
# In the small tree nothing is built but one limb, whatever the real house has come to show.
NOTHING_BUILT = {
    limb.id: Gap("not in this tree")
    for limb in registry().limbs
    if limb.kind in {Kind.BUILT, Kind.OPERATED} and not limb.opens
}
DOOR = f'''"""The speed limit is kept."""

import pytest

from senim.limit import TooFast, drive


@pytest.mark.clause("{NUMBER}")
def test_within_the_limit() -> None:
    assert drive(50) == 50


@pytest.mark.clause("{NUMBER}")
@pytest.mark.refusal
def test_above_the_limit_is_refused() -> None:
    with pytest.raises(TooFast):
        drive(51)
'''
CODE = f'''"""A limit."""


class TooFast(ValueError):
    """Above the limit."""


def drive(speed: int) -> int:
    """Drive."""
    # {NUMBER}: the limit itself is in order, more is not.
    if speed > 50:
        raise TooFast
    return speed
'''
PYPROJECT = """
[tool.pytest.ini_options]
pythonpath = ["src", "."]
markers = ["clause(*ids): claims", "refusal: refuses"]
"""


@pytest.fixture
def make_tree(tmp_path: Path) -> Callable[..., Tree]:
    """Makes a tree with one kept limb; files may be added or replaced by path."""

    def make(**files: str) -> Tree:
        texts = {
            "pyproject.toml": PYPROJECT,
            "src/senim/__init__.py": "",
            "src/senim/limit.py": CODE,
            "tests/__init__.py": "",
            "tests/functional/__init__.py": "",
            "tests/functional/test_limit.py": DOOR,
            **files,
        }
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return Tree.at(tmp_path)

    return make
