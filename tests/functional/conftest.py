"""Houses for functional tests: one that many share, and fresh ones for tests that break things.

A house that stands idle takes a sixth of a core. So tests that share one come first, and it ends before others begin.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from senim.kit.files import write_durably
from senim.site.embedded import place
from senim.site.welcome import first_exercise
from tests.functional.browser import CHROMIUM, Visitor
from tests.functional.house import House, new_folder

_shared: list[House] = []
"""The shared house, while it runs."""
_sharing: set[Path] = set()
"""Files with tests that use it."""


def _uses_the_shared_house(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return bool({"house", "visitor"}.intersection(names)) and "fresh_house" not in names


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files in this order: those that share the house, those with houses of their own, those without any."""
    here = Path(__file__).parent
    _sharing.update(item.path for item in items if item.path.parent == here and _uses_the_shared_house(item))

    def place(item: pytest.Item) -> int:
        return 0 if item.path in _sharing else 1 if item.path.parent == here else 2

    items.sort(key=place)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """End the shared house where no test needs it any more."""
    if _shared and item.path not in _sharing:
        _shared.pop().stop()


def _lived_in() -> Iterator[House]:
    folder = new_folder()
    house = House.founded(folder)
    try:
        yield house
    finally:
        house.stop()
        place.forget(house.instance)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A running house that tests share: they look, use and add, and break nothing."""
    for one in _lived_in():
        _shared.append(one.start())
        yield one


@pytest.fixture(scope="module")
def visitor(house: House) -> Iterator[Visitor]:
    """Somebody with a browser, beside that house."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Visitor(house, browser)
        browser.close()


def unplayed() -> Iterator[House]:
    """A founded house, not yet running. Its first exercise counts as played."""
    for one in _lived_in():
        write_durably(first_exercise(one.instance), b"not played: this house is a test's own\n")
        yield one


@pytest.fixture
def fresh_house() -> Iterator[House]:
    """Such a house of one test's own."""
    yield from unplayed()
