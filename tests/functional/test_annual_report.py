"""The yearly information as the head of the security unit files it at the door, and what the regulator then has."""

import base64
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator

import pypdf
import pytest

from tests.functional.house import House, wait_until
from tests.functional.staff import Person

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/79")]
YEAR, REFUSED = "2025", 1
EVERY_SECTION = tuple(f"R228/80({number})" for number in range(1, 7))


@pytest.fixture(scope="module")
def head(house: House) -> Iterator[Person]:
    with Person(house) as person:
        yield person.called("head")


def shown(page: str) -> dict[str, object]:
    """What the page of filing showed: the moment and the digest."""
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("as_of", "sha256")}
    return {name: found[1] for name, found in fields.items() if found}


def filed(house: House) -> list[dict[str, object]]:
    told = json.loads(house.command("annual-report", YEAR, "--rederive", "--json").stdout)
    return list(told["filings"])


def received(house: House, about: str) -> list[dict[str, object]]:
    """The bodies that the regulator has about something, in the order in which it took them."""
    listed = house.regulator("list")
    found = [each for each in listed if each["kind"] == "AnnualReport" and each["about"] == about]
    return [house.regulator("show", str(each["id"]))["content"]["body"] for each in found]


@pytest.mark.clause("R228/80(1)", "R228/80(2)", "R228/80(3)", "R228/80(4)", "R228/80(5)", "R228/80(6)")
def test_it_is_filed_at_the_door_received_and_comes_out_again(house: House, head: Person) -> None:
    before = len(filed(house))
    page = head.reads(f"report/{YEAR}/file/")
    head.sends(f"report/{YEAR}/file/", {**shown(page), "reason": "filed anew"})
    wait_until(lambda: len(filed(house)) > before and filed(house)[0]["state"] == "delivered", what="the receipt")
    newest = filed(house)[0]
    assert newest["rederived"] is True
    assert newest["sha256"] == shown(page)["sha256"]
    body = received(house, f"annual-report:{YEAR}")[-1]
    assert [section["clause"] for section in body["sections"]] == list(EVERY_SECTION)  # type: ignore[attr-defined]
    for language, word in (("kk", "Ақпараттық"), ("ru", "Информация")):
        document = body["documents"][language]  # type: ignore[index]
        made = gzip.decompress(base64.b64decode(document["pdf"]))
        assert hashlib.sha256(made).hexdigest() == document["sha256"]
        assert word in pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert "The regulator has it" in head.reads(f"report/{YEAR}/")


@pytest.mark.refusal
def test_what_was_not_shown_is_not_filed(house: House, head: Person) -> None:
    before = len(filed(house))
    said = {**shown(head.reads(f"report/{YEAR}/file/")), "sha256": "0" * 64, "reason": "x"}
    with pytest.raises(AssertionError, match="Something changed since it was shown"):
        head.sends(f"report/{YEAR}/file/", said)
    assert len(filed(house)) == before


@pytest.mark.refusal
@pytest.mark.clause("R228/80(1)", "R228/80(2)", "R228/80(3)", "R228/80(4)", "R228/80(5)", "R228/80(6)")
def test_before_the_registers_were_filled_every_section_is_named_as_lacking(house: House) -> None:
    told = house.command("annual-report", YEAR, "--as-of", "2026-01-15", "--json")
    assert told.returncode == REFUSED
    answer = json.loads(told.stdout)
    assert answer["due"] == "2026-01-20"
    assert answer["complete"] is False
    assert [(each["number"], each["complete"]) for each in answer["sections"]] == [(n, False) for n in range(1, 7)]
    assert all("empty" in [lack["code"] for lack in each["missing"]] for each in answer["sections"])


@pytest.mark.refusal
def test_a_year_that_lasts_is_not_filed(house: House, head: Person) -> None:
    with pytest.raises(AssertionError, match="once the year is over"):
        head.reads("report/2026/file/")


@pytest.mark.refusal
def test_an_analyst_reads_it_and_files_nothing(house: House) -> None:
    with Person(house) as person:
        analyst = person.called("analyst")
        assert "R228/80(6)" in analyst.reads(f"report/{YEAR}/")
        with pytest.raises(AssertionError):
            analyst.reads(f"report/{YEAR}/file/")
