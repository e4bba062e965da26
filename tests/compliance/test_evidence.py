"""What a test run leaves on record about marked tests."""

from collections.abc import Callable

import pytest

from senim.compliance.record import Record, load
from senim.compliance.tree import Tree
from tests.clause_evidence import ClauseEvidence

pytest_plugins = ("pytester",)

TESTS = """
import pytest

@pytest.mark.clause("R228/79")
@pytest.mark.parametrize("day", [19, 20])
def test_in_time(day): ...

@pytest.mark.clause("R228/79")
@pytest.mark.refusal
def test_late(): assert False

@pytest.mark.clause("R228/79")
@pytest.mark.skip
def test_absent(): ...

@pytest.mark.clause("R228/79")
@pytest.mark.xfail
def test_hoped_for(): assert False

@pytest.fixture
def untidy():
    yield
    raise OSError

@pytest.mark.clause("R228/79", "R228/81")
def test_untidy(untidy): ...

def test_unmarked(): ...
"""
MARKERS = "[pytest]\nmarkers =\n    clause\n    refusal\n"


@pytest.fixture
def tree(make_tree: Callable[..., Tree]) -> Tree:
    return make_tree()


def run(pytester: pytest.Pytester, tree: Tree, tests: str = TESTS) -> tuple[Record | None, str]:
    """Run `tests` with the plugin watching."""
    pytester.makeini(MARKERS)
    pytester.makepyfile(test_x=tests)
    ended = pytester.runpytest_inprocess("-p", "no:django", "-p", "no:randomly", plugins=[ClauseEvidence(tree)])
    return load(tree), str(ended.stdout)


def test_each_marked_test_is_recorded_with_its_worst_phase(pytester: pytest.Pytester, tree: Tree) -> None:
    record, told = run(pytester, tree)
    assert record is not None
    assert {result.id: result.outcome.value for result in record.results} == {
        "test_x.py::test_in_time[19]": "passed",
        "test_x.py::test_in_time[20]": "passed",
        "test_x.py::test_late": "failed",
        "test_x.py::test_absent": "skipped",
        "test_x.py::test_hoped_for": "skipped",
        "test_x.py::test_untidy": "failed",
    }
    assert "6 marked tests on record" in told


def test_clauses_and_refusals_are_recorded(pytester: pytest.Pytester, tree: Tree) -> None:
    record, _ = run(pytester, tree)
    assert record is not None
    results = {result.id: result for result in record.results}
    assert results["test_x.py::test_untidy"].clauses == ("R228/79", "R228/81")
    assert [name for name, result in results.items() if result.refusal] == ["test_x.py::test_late"]


def test_sources_that_change_under_way_leave_no_record(pytester: pytest.Pytester, tree: Tree) -> None:
    path = tree.root / "src/senim/limit.py"
    change = f"\ndef test_change():\n    open({str(path)!r}, 'a').write('#')\n"
    record, told = run(pytester, tree, TESTS + change)
    assert record is None
    assert "NOT recorded" in told


def test_a_run_without_marked_tests_leaves_the_record_alone(pytester: pytest.Pytester, tree: Tree) -> None:
    run(pytester, tree)
    record, told = run(pytester, tree, "def test_unmarked(): ...")
    assert record is not None
    assert len(record.results) == 6
    assert "clause evidence" not in told
