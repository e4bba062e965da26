"""A limb's state follows from code, tests and record, and from nothing else."""

from collections.abc import Callable

import pytest

from senim.clauses.model import Language
from senim.clauses.registry import registry
from senim.compliance.citations import citations
from senim.compliance.clause_map import ClauseMap, Row, State, clause_map, map_of_tree
from senim.compliance.known_gaps import Gap
from senim.compliance.markers import marked_tests
from senim.compliance.record import Outcome, Result, add
from senim.compliance.tree import Tree

from .conftest import CODE, DOOR, NOTHING_BUILT, NUMBER

TESTS = "tests/functional/test_limit.py"
ALLOWED, REFUSED = f"{TESTS}::test_within_the_limit", f"{TESTS}::test_above_the_limit_is_refused"
NO_GAP_HERE = {number: gap for number, gap in NOTHING_BUILT.items() if number != NUMBER}


def judge(tree: Tree, gaps: dict[str, Gap] | None = None) -> ClauseMap:
    return clause_map(tree, Language.ENGLISH, gaps=NO_GAP_HERE if gaps is None else gaps)


def row(drawn: ClauseMap, number: str = NUMBER) -> Row:
    return next(row for row in drawn.rows if row.limb.id == number)


def run(tree: Tree, allowed: Outcome = Outcome.PASSED, refused: Outcome = Outcome.PASSED) -> None:
    """What a run of the tree's tests leaves behind."""
    results = [Result(ALLOWED, allowed, (NUMBER,), refusal=False), Result(REFUSED, refused, (NUMBER,), refusal=True)]
    add(tree, tree.fingerprint(), results)


def test_cited_claimed_and_passed_is_demonstrated(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    run(tree)
    drawn = judge(tree)
    assert row(drawn) == Row(
        row(drawn).limb, State.DEMONSTRATED, ("src/senim/limit.py:10",), (ALLOWED, REFUSED), gap=""
    )
    assert drawn.problems == ()


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
def test_the_tree_by_itself_claims_and_demonstrates_nothing(make_tree: Callable[..., Tree], outcome: Outcome) -> None:
    tree = make_tree()
    run(tree, outcome)
    drawn = map_of_tree(tree, Language.ENGLISH, gaps=NO_GAP_HERE)
    assert row(drawn).state is State.CLAIMED
    assert State.DEMONSTRATED not in {each.state for each in drawn.rows}


def test_without_a_record_for_this_tree_it_is_open(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    run(tree)
    (tree.root / "src/senim/limit.py").write_text(CODE + "\n", encoding="utf-8")
    assert (row(judge(tree)).state, row(judge(tree)).gap[:24]) == (State.OPEN, "No test run is on record")


@pytest.mark.parametrize(
    ("allowed", "refused", "why"),
    [
        (Outcome.FAILED, Outcome.PASSED, "failed on this source tree"),
        (Outcome.PASSED, Outcome.FAILED, "failed on this source tree"),
        (Outcome.SKIPPED, Outcome.PASSED, "no test through a door"),
        (Outcome.PASSED, Outcome.SKIPPED, "no test of its refusal"),
    ],
)
def test_a_test_that_did_not_pass_shows_nothing(
    make_tree: Callable[..., Tree], allowed: Outcome, refused: Outcome, why: str
) -> None:
    tree = make_tree()
    run(tree, allowed, refused)
    assert row(judge(tree)).state is State.OPEN
    assert why in row(judge(tree)).gap


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        ({"src/senim/limit.py": CODE.replace("# R228", "# law 228")}, "No check in the code cites it."),
        (
            {TESTS: DOOR.replace("@pytest.mark.refusal\n", "")},
            "No test through a door or a real process shows its refusal.",
        ),
        (
            {TESTS: DOOR.replace("@pytest.mark.refusal\n", ""), "tests/test_unit.py": DOOR},
            "No test through a door or a real process shows its refusal.",
        ),
        ({TESTS: "", "tests/test_unit.py": DOOR}, "No test through a door or a real process claims it."),
    ],
)
def test_what_is_neither_demonstrated_nor_listed_is_told(
    make_tree: Callable[..., Tree], files: dict[str, str], lacks: str
) -> None:
    tree = make_tree(**files)
    assert judge(tree).problems == (f"{NUMBER} is neither demonstrated nor in KNOWN_GAPS: {lacks}",)
    assert row(judge(tree)).gap == lacks
    assert judge(tree, NOTHING_BUILT).problems == ()


def test_a_gap_that_is_none_any_more_is_told_unless_it_is_partly(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    run(tree)
    told = judge(tree, {**NO_GAP_HERE, NUMBER: Gap("Not built.")})
    assert told.problems == (f"{NUMBER} is demonstrated by now: strike it from KNOWN_GAPS",)
    assert (row(told).state, row(told).gap) == (State.OPEN, "Not built.")
    assert judge(tree, {**NO_GAP_HERE, NUMBER: Gap("Half built.", partly=True)}).problems == ()


@pytest.mark.parametrize("number", ["R228" + "/97", "R228/80", "R228/37(2)", "R228/81-19(2)"])
def test_a_gap_that_nobody_owes_is_told(make_tree: Callable[..., Tree], number: str) -> None:
    drawn = judge(make_tree(), {**NO_GAP_HERE, number: Gap("Not built.")})
    assert drawn.problems == (f"{number} needs no entry in KNOWN_GAPS",)


def test_a_mistyped_number_is_told_by_name_and_place(make_tree: Callable[..., Tree]) -> None:
    drawn = judge(make_tree(**{"src/senim/room.py": "# R228" + "/97: due.\n"}))
    assert drawn.problems == ("src/senim/room.py:1 cites R228" + "/97, which the edition does not have",)


def test_a_mistyped_number_in_a_marker_is_told(make_tree: Callable[..., Tree]) -> None:
    drawn = judge(make_tree(**{"tests/test_room.py": DOOR.replace(NUMBER, "R228" + "/97")}))
    assert [problem for problem in drawn.problems if "tests/test_room.py:8" in problem]


def test_paper_and_device_are_told_apart_from_open(make_tree: Callable[..., Tree]) -> None:
    drawn = judge(make_tree())
    assert row(drawn, "R228/37(2)").state is State.ON_PAPER
    assert row(drawn, "R228/81-19(2)").state is State.DEVICE


def test_a_paragraph_that_opens_items_stands_where_they_stand(make_tree: Callable[..., Tree]) -> None:
    drawn = judge(make_tree())
    assert (row(drawn, "R228/80").state, row(drawn, "R228/80").gap) == (State.OPEN, "6 of its 6 items are open.")
    assert row(drawn, "R228/37").gap == "2 of its 3 items are open."


def test_every_limb_is_on_the_map_once_and_in_order(make_tree: Callable[..., Tree]) -> None:
    assert [row.limb for row in judge(make_tree()).rows] == list(registry().limbs)


def test_the_synthetic_tree_cites_and_claims_nothing_else(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    assert {c.number for c in citations(tree)} == {NUMBER}
    assert {t.id for t in marked_tests(tree)} == {ALLOWED, REFUSED}
