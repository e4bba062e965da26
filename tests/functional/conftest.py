"""Houses for functional tests: one that runs for the whole session, and fresh ones for tests that break things."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from senim.kit.files import write_durably
from senim.site.embedded import place
from senim.site.welcome import first_exercise
from tests.functional.browser import CHROMIUM, Visitor
from tests.functional.house import House, new_folder


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
        yield one.start()


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
