"""Everything works in a folder whose name is as strange as a folder's may be, for an ordinary user too."""

import shutil
from collections.abc import Iterator

import pytest

from senim.kit.files import write_durably
from senim.site.welcome import first_exercise
from tests.functional.house import House, new_folder
from tests.functional.ordinary import ordinary

pytestmark = pytest.mark.real


@pytest.fixture
def strange_house() -> Iterator[House]:
    """A demonstration founded by an ordinary user: its engines live in the folder itself."""
    folder = new_folder()
    folder.chmod(0o755)
    user = ordinary(folder)
    place = folder / "place"
    place.mkdir()
    user.own(place)
    home = place / "үй 'кілт' \"a=b\" c d #{e}%"
    house = House(home, {"HOME": str(place)}, python=user.python, user=user.popen)
    made = house.command("init", "--profile", "demonstration", "--any-ports")
    assert made.returncode == 0, made.stderr
    write_durably(first_exercise(house.instance), b"not played: this house is a test's own\n")
    user.own(home)
    try:
        yield house
    finally:
        house.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_it_starts_answers_and_stops(strange_house: House) -> None:
    strange_house.start()
    assert strange_house.senim("accounts", "list")
    assert strange_house.stop() == 0
