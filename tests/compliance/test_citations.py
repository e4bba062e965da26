"""The law is found where it is cited, and a slip is named."""

from collections.abc import Callable

import pytest

from senim.compliance.citations import citations, in_our_code, unknown
from senim.compliance.tree import Tree

LAW = "R228"


def test_a_comment_stands_at_a_check_and_a_docstring_does_not(make_tree: Callable[..., Tree]) -> None:
    text = f'"""Clauses: {LAW}/79."""\n# {LAW}/80(1): demanded.\nx = 1  # {LAW}/80(2)\ny = "# {LAW}/80(3)"\n'
    found = citations(make_tree(**{"src/senim/room.py": text}))
    assert [(c.line, c.number, c.at_check) for c in found if c.path == "src/senim/room.py"] == [
        (1, "R228/79", False),
        (2, "R228/80(1)", True),
        (3, "R228/80(2)", True),
        (4, "R228/80(3)", False),
    ]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("/81-1(6): more", "/81-1(6)"),
        ("/81-1(6).", "/81-1(6)"),
        ("/81-1), and", "/81-1"),
        ("/81-1(6)), and", "/81-1(6)"),
        ("/40-1/damage.", "/40-1/damage"),
        ("/A2-1/providers", "/A2-1/providers"),
        ("/81-1({item})", "/81-1"),
        ("/79, /80", "/79"),
    ],
)
def test_the_sentence_around_a_number_is_not_the_number(
    make_tree: Callable[..., Tree], written: str, number: str
) -> None:
    found = citations(make_tree(**{"rules/r.yml": f"# see {LAW}{written}\n"}))
    assert [c.number for c in found if c.path == "rules/r.yml"] == [LAW + number]
    assert unknown(found) == []


@pytest.mark.parametrize("slip", ["/97", "/81-1(7)", "/81-1(1-6)", "/81-1(6", "/79a", "/40-1/damages", "/81-1(2)(3)"])
@pytest.mark.parametrize("place", ["src/senim/room.py", "tests/test_room.py", "rules/r.yml", "stand_ins/asoi/web.py"])
def test_a_mistyped_number_fails_by_name(make_tree: Callable[..., Tree], slip: str, place: str) -> None:
    found = citations(make_tree(**{place: f"\n# {LAW}{slip}: demanded.\n"}))
    assert [(c.place, c.number) for c in unknown(found)] == [(f"{place}:2", LAW + slip)]


def test_rules_keep_clauses_and_stand_ins_do_not(make_tree: Callable[..., Tree]) -> None:
    line = f"# {LAW}/79\n"
    found = citations(make_tree(**{"rules/r.yml": line, "stand_ins/s.py": line, "tests/test_t.py": line}))
    kept = [c for c in in_our_code(found) if c.number == "R228/79"]
    assert [(c.path, c.at_check) for c in kept] == [("rules/r.yml", True)]
