"""The clause map of this very tree is true: numbers exist, gaps are owned up to, figures stand once."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from senim.clauses.model import Language, Limb
from senim.clauses.registry import limb, registry
from senim.compliance.citations import citations, unknown
from senim.compliance.clause_map import clause_map, map_of_tree
from senim.compliance.markers import marked_tests
from senim.compliance.rendering import as_page
from senim.compliance.tree import Tree

TREE = Tree.at(Path(__file__).parents[1])
DOCUMENT = TREE.root / "docs" / "clause-map.md"


def test_the_map_is_true() -> None:
    assert clause_map(TREE, Language.ENGLISH).problems == ()


def test_every_cited_number_exists() -> None:
    assert [f"{slip.place} cites {slip.number}" for slip in unknown(citations(TREE))] == []


def test_a_mistyped_number_would_fail_by_name(tmp_path: Path) -> None:
    (tmp_path / "src" / "senim").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    marker = f"import pytest\n\n\n@pytest.mark.clause('R228/{97}')\ndef test_x() -> None: ...\n"
    (tmp_path / "tests" / "test_x.py").write_text(marker, encoding="utf-8")
    (tmp_path / "src" / "senim" / "x.py").write_text(f"# R228/{97}: due.\n", encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "x.yml").write_text(f"# R228/{97}\n", encoding="utf-8")
    slips = unknown(citations(Tree.at(tmp_path)))
    assert {(slip.place, slip.number) for slip in slips} == {
        ("src/senim/x.py:1", f"R228/{97}"),
        ("tests/test_x.py:4", f"R228/{97}"),
        ("rules/x.yml:1", f"R228/{97}"),
    }


def test_markers_name_limbs_that_exist() -> None:
    for test in marked_tests(TREE):
        for number in test.clauses:
            limb(number)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in TREE.files("src"):
        name = TREE.name(path)
        if path.suffix == ".py" and not name.startswith("src/senim/clauses/"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def _figure_calls(module: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"figure", "registry.figure"}:
            yield node


def test_a_figure_is_named_in_one_place_and_exists() -> None:
    read = Counter(
        tuple(ast.literal_eval(argument) for argument in call.args[:2])
        for _, module in _modules()
        for call in _figure_calls(module)
    )
    assert [number_and_name for number_and_name, times in read.items() if times > 1] == []
    for number, name in read:
        assert name in limb(number).figures


def test_terms_hold_no_figure_of_their_own() -> None:
    """What a room calls the law's figure comes from the registry; a number written in `terms.py` is a second copy."""
    written = [
        f"{name}:{node.lineno} writes {node.value}"
        for name, module in _modules()
        if name.endswith("/terms.py")
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]
    assert written == []


def test_the_statement_under_a_citation_does_not_repeat_the_figure() -> None:
    modules = dict(_modules())
    repeated = []
    for citation in citations(TREE):
        if citation.path in modules and citation.at_check:
            values = _values(limb(citation.number))
            repeated += [
                f"{citation.place} repeats {node.value!r}"
                for node in ast.walk(modules[citation.path])
                if isinstance(node, ast.Constant) and node.lineno == citation.line + 1 and node.value in values
            ]
    assert repeated == []


def _values(each: Limb) -> set[object]:
    """Numbers and versions that the limb fixes, as code would repeat them (a bare one says nothing)."""
    fixed = [getattr(figure, name) for figure in each.figures.values() for name in figure.__struct_fields__]
    return {value for value in fixed if (type(value) is int and value > 1) or re.fullmatch(r"\d+\.\d+", str(value))}


def test_the_document_has_every_limb_under_its_heading() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    assert re.findall(r"^\| (R228/\S+) \|", page, flags=re.MULTILINE) == [each.id for each in registry().limbs]
    paragraphs = [f"{each.id}: {each.title.en}" for each in registry().limbs if not each.parent]
    assert re.findall(r"^### (.+)$", page, flags=re.MULTILINE) == paragraphs
    assert [line for line in page.splitlines() if line.startswith("## ")][1:] == [
        f"## {heading.title.en}" for heading in registry().headings
    ]


def test_the_document_is_what_the_tree_says() -> None:
    said = "\n".join(as_page(map_of_tree(TREE, Language.ENGLISH), Language.ENGLISH)) + "\n"
    assert DOCUMENT.read_text(encoding="utf-8") == said, "run `make clause-map`"
