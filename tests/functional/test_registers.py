"""`senim registers`, as the person who keeps them calls it: what is missing, out to a file, in again, as of a day."""

import csv
import io

import pytest

from tests.functional.house import House

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/80(2)", "R228/80(4)")]
MISSING, REFUSED = 1, 1


def exported(house: House, name: str) -> str:
    told = house.command("registers", "export", name)
    assert told.returncode == 0, told.stderr
    return told.stdout


def changed(text: str, **facts: str) -> str:
    """The first row of a file, with `facts` of its own."""
    row = next(csv.DictReader(io.StringIO(text)))
    written = io.StringIO()
    writer = csv.DictWriter(written, list(row))
    writer.writeheader()
    writer.writerow({**row, **facts})
    return written.getvalue()


def test_what_the_yearly_information_would_lack_is_said_by_stable_words(house: House) -> None:
    told = house.command("registers", "show", "agreements", "--json")
    assert told.returncode == MISSING
    assert '"code": "damage-absent"' in told.stdout


def test_a_file_goes_out_is_changed_and_comes_in_once(house: House) -> None:
    before = exported(house, "documents")
    file = house.home.parent / "documents.csv"
    file.write_text(changed(before, replaces="=1+1"), encoding="utf-8")
    arguments = ("registers", "import", "documents", str(file), "--reason", "replaces another")
    shown = house.command(*arguments, "--json")
    assert '{"line": 2, "act": "change", "changed": ["replaces"]}' in shown.stdout
    assert exported(house, "documents") == before
    assert house.command(*arguments, "--write").returncode == 0
    assert '"replaces": "=1+1"' in house.command("registers", "export", "documents", "--json").stdout


@pytest.mark.refusal
def test_a_file_with_a_fault_writes_nothing(house: House) -> None:
    before = exported(house, "agreements")
    file = house.home.parent / "agreements.csv"
    file.write_text(changed(before, damage="perhaps"), encoding="utf-8")
    refused = house.command(
        "registers", "import", "agreements", str(file), "--reason", "x", "--write", LANG="en_GB.UTF-8"
    )
    assert refused.returncode == REFUSED
    assert "line 2, damage" in refused.stderr
    assert exported(house, "agreements") == before


def test_before_a_register_began_it_was_empty(house: House) -> None:
    told = house.command("registers", "show", "documents", "--as-of", "2020-01-01", "--json")
    assert '"code": "empty"' in told.stdout


def test_an_unknown_register_is_named_as_such(house: House) -> None:
    told = house.command("registers", "show", "nothing", "--json")
    assert told.returncode == REFUSED
    assert "registers:unknown" in told.stdout
