"""The map as people and programs meet it: `senim clauses`, and its words in three languages."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from senim.clauses.model import Language
from senim.clauses.registry import registry
from senim.compliance import known_gaps, translation
from senim.compliance.known_gaps import KNOWN_GAPS
from senim.compliance.tree import Tree
from senim.site.cli import clauses as command
from senim.site.cli.clauses import clauses
from tests.site.terminal import senim

from .conftest import DOOR, NOTHING_BUILT, NUMBER


@pytest.fixture
def owed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of gaps as it would be for the small tree."""
    for number, gap in NOTHING_BUILT.items():
        monkeypatch.setitem(KNOWN_GAPS, number, gap)
    monkeypatch.delitem(KNOWN_GAPS, NUMBER)


def tell(tree: Tree, *options: str) -> Result:
    return CliRunner().invoke(clauses, ["--tree", str(tree.root), *options], catch_exceptions=False)


@pytest.mark.usefixtures("owed")
def test_json_has_exactly_the_agreed_shape(make_tree: Callable[..., Tree]) -> None:
    ended = tell(make_tree(), "--json")
    told = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert list(told) == ["edition", "limbs"]
    assert {tuple(each) for each in told["limbs"]} == {("id", "kind", "state", "code", "tests", "gap")}
    assert {each["kind"] for each in told["limbs"]} == {"built", "operated", "on_paper", "device"}
    cited = next(each for each in told["limbs"] if each["id"] == NUMBER)
    assert cited["code"] == ["src/senim/limit.py:10"]
    assert len(cited["tests"]) == 2


@pytest.mark.usefixtures("owed")
@pytest.mark.parametrize("language", list(Language))
def test_the_page_has_every_limb_in_the_readers_language(make_tree: Callable[..., Tree], language: Language) -> None:
    page = tell(make_tree(), "--md", "--lang", language.value).stdout
    for each in registry().limbs:
        assert f"| {each.id} |" in page
        assert each.says.to(language) in page
    assert translation.say(language, "Clause map") in page


@pytest.mark.usefixtures("owed")
def test_lines_end_with_how_many_stand_where(make_tree: Callable[..., Tree]) -> None:
    lines = tell(make_tree(), "--lang", "en").stdout.splitlines()
    assert lines[-1] == f"open: {len(registry().limbs) - 4}, on paper: 1, on a device: 3."


@pytest.mark.usefixtures("owed")
def test_an_untrue_map_is_told_and_said_so(make_tree: Callable[..., Tree]) -> None:
    ended = tell(make_tree(**{"src/senim/room.py": "# R228" + "/97: due.\n"}), "--lang", "ru")
    assert ended.exit_code == 1
    assert "src/senim/room.py:1 ссылается на R228" + "/97, которого в редакции нет" in ended.stderr


def test_an_unreadable_marker_is_told(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree(**{"tests/functional/test_limit.py": DOOR.replace(f'clause("{NUMBER}")', "clause(X)")})
    (ended,) = senim((["clauses", "--tree", str(tree.root)], {}))
    assert ended.code == 1
    assert "tests/functional/test_limit.py:8" in ended.err


def test_an_installation_without_sources_is_refused(tmp_path: Path) -> None:
    (ended,) = senim((["clauses", "--tree", str(tmp_path)], {"LANGUAGE": "kk"}))
    assert ended.code == 3
    assert "бастапқы код ағашы жоқ" in ended.err


def _marked_for_translation() -> set[str]:
    """Every text in the room, and in its command, that goes through `_("…")`."""
    room = Path(known_gaps.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (*room.glob("*.py"), Path(command.__file__))]
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "_" and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("language", [Language.KAZAKH, Language.RUSSIAN])
def test_every_text_is_translated(language: Language) -> None:
    texts = _marked_for_translation()
    assert len(texts) > 30
    assert [text for text in sorted(texts) if translation.say(language, text) == text] == []


@pytest.mark.parametrize("language", list(Language))
def test_every_gap_has_a_reason_in_the_readers_language(language: Language) -> None:
    assert {number for number, gap in KNOWN_GAPS.items() if not translation.say(language, gap.reason).strip()} == set()
