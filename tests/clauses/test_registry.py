"""The regulation's file: what it holds, and what it refuses to be."""

from importlib.resources import files

import pytest

from senim.clauses.errors import BadRegistry, UnknownClause, UnknownFigure
from senim.clauses.figures import Choice, Duration, Version
from senim.clauses.model import Kind, Language, Limb, Status
from senim.clauses.registry import figure, limb, read, registry

ITEMS = {"37": 3, "80": 6, "81-1": 6, "81-3": 3, "81-7": 2, "81-8": 7, "81-18": 5, "81-19": 10, "81-20": 3}
PARAGRAPHS = ["1", "37", "40-1", "79", "80", "81", *(f"81-{n}" for n in range(1, 21)), "A2-1"]
NAMED = {
    "1": {"banks", "banking-operations", "microfinance", "trust-management"},
    "40-1": {"period-and-extent", "agreement", "confidentiality", "damage"},
    "81": {"state-participation"},
    "81-1": {"state-participation"},
    "81-2": {"state-participation"},
    "81-9": {"vulnerabilities", "dependencies"},
    "81-10": {"critical"},
    "A2-1": {"providers", "recipients"},
}
TOML = (files("senim.clauses") / "R228.toml").read_text(encoding="utf-8")


def test_every_limb_of_resolution_59_is_there_and_nothing_else() -> None:
    expected = {f"R228/{number}" for number in PARAGRAPHS}
    expected |= {f"R228/{number}({item})" for number, count in ITEMS.items() for item in range(1, count + 1)}
    expected |= {f"R228/{number}/{name}" for number, names in NAMED.items() for name in names}
    assert {each.id for each in registry().limbs} == expected


def test_paragraphs_stand_in_the_order_of_the_law() -> None:
    printed = [each.id.removeprefix("R228/") for each in registry().limbs if not each.parent]
    assert printed == PARAGRAPHS


@pytest.mark.parametrize("each", registry().limbs, ids=lambda each: each.id)
def test_a_limb_speaks_every_language(each: Limb) -> None:
    for text in filter(None, (each.title, each.says, each.note)):
        said = {text.to(language).strip() for language in Language}
        assert len(said) == len(Language)
        assert "" not in said


def test_no_two_limbs_of_one_language_share_a_title() -> None:
    for language in Language:
        titles = [each.title.to(language) for each in registry().limbs]
        assert len(titles) == len(set(titles))


def test_a_reading_says_what_is_read() -> None:
    assert [each.id for each in registry().limbs if each.basis != "text" and each.note is None] == []


def test_what_only_a_phone_can_show_is_the_phones() -> None:
    assert {each.id for each in registry().limbs if each.kind is Kind.DEVICE} == {
        "R228/81-19(2)",
        "R228/81-19(5)",
        "R228/81-19(7)",
    }


def test_the_edition_says_what_it_does_not_know() -> None:
    edition = registry().edition
    unknown = {fact.id for fact in edition.facts if fact.status is Status.UNKNOWN}
    assert {"first-publication", "rest-not-read", "amendment-38-of-2025", "act-38505-of-2026"} == unknown
    assert edition.registration.number == "17702"
    assert edition.amended_by.registration.number == "34948"
    assert edition.amended_by.in_force.days == 10


def test_a_number_that_the_edition_does_not_have_is_refused_by_name() -> None:
    assert limb("R228/79").id == "R228/79"
    with pytest.raises(UnknownClause, match="97"):
        limb("R228" + "/97")


def test_a_figure_is_had_by_limb_name_and_type() -> None:
    assert figure("R228/81-13", "tls", Version).version == "1.2"
    with pytest.raises(UnknownFigure, match="Duration called 'tls'"):
        figure("R228/81-13", "tls", Duration)
    with pytest.raises(UnknownFigure, match="'ssl'"):
        figure("R228/81-13", "ssl", Version)
    with pytest.raises(UnknownClause):
        figure("R228" + "/97", "tls", Version)


def test_six_kinds_two_carriers_three_factors() -> None:
    assert len([each for each in registry().limbs if each.id.startswith("R228/81-1(")]) == 6
    assert figure("R228/81", "carriers", Choice).of == ("asoi", "electronic-format")
    assert figure("R228/81-16", "factors", Choice).of == ("knowledge", "possession", "inherence")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "R228/81-1(3)"', 'id = "R228/81-1(2)"', "stands twice"),
        ('id = "R228/81-1(3)"', f'id = "R228/{81}-1(7)"', "stands where item 3 belongs"),
        ('id = "R228/79"', 'id = "R229/79"', "R229/79 is not a number of R228"),
        ('id = "R228/79"', f'id = "R228/{79}(a)"', "is not a number of R228"),
        ('parent = "R228/37"', 'parent = "R228/80"', "belongs to R228/37"),
        ('before = "R228/79"', f'before = "R228/{78}"', f"heading 1/3/7 stands before R228/{78}"),
        (
            'id = "R228/79"\nkind',
            'id = "R228/79"\nopens = true\nkind',
            "R228/79 opens a list, but nothing stands in it",
        ),
        ('kind = "device"', 'kind = "phone"', "phone"),
        ("minutes = 60", 'minutes = "60"', "int"),
        ("minutes = 60", "minutes = 60\nhours = 1", "hours"),
        ("title.kk", "title.de", "de"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(old: str, new: str, why: str) -> None:
    assert old in TOML
    with pytest.raises(BadRegistry, match=why.replace("(", r"\(").replace(")", r"\)")):
        read(TOML.replace(old, new, 1).encode())
