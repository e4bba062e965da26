"""Test results are kept for exactly the tree that they were had on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from senim.compliance.record import RECORD, Outcome, Result, add, load
from senim.compliance.tree import Tree


def result(name: str, outcome: Outcome = Outcome.PASSED) -> Result:
    return Result(name, outcome, ("R228/79",), refusal=False)


@pytest.fixture
def tree(make_tree: Callable[..., Tree]) -> Tree:
    return make_tree()


def test_runs_on_one_tree_add_up_and_the_latest_counts(tree: Tree) -> None:
    add(tree, tree.fingerprint(), [result("a"), result("b")])
    add(tree, tree.fingerprint(), [result("b", Outcome.FAILED), result("c")])
    record = load(tree)
    assert record is not None
    assert [(r.id, r.outcome) for r in record.results] == [("a", "passed"), ("b", "failed"), ("c", "passed")]


def test_another_trees_record_counts_for_nothing(tree: Tree) -> None:
    add(tree, tree.fingerprint(), [result("a")])
    (tree.root / "src/senim/limit.py").write_text("changed", encoding="utf-8")
    assert load(tree) is None
    add(tree, tree.fingerprint(), [result("b")])
    record = load(tree)
    assert record is not None
    assert [r.id for r in record.results] == ["b"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"tree": 1}', '{"tree": "x", "results": [], "more": 1}'])
def test_a_damaged_record_counts_for_nothing(tree: Tree, damage: str) -> None:
    add(tree, tree.fingerprint(), [result("a")])
    (tree.root / RECORD).write_text(damage, encoding="utf-8")
    assert load(tree) is None


def test_no_record_is_none(tree: Tree) -> None:
    assert load(tree) is None


def test_a_record_of_another_form_counts_for_nothing(tree: Tree) -> None:
    add(tree, tree.fingerprint(), [result("a")])
    path: Path = tree.root / RECORD
    path.write_text(path.read_text(encoding="utf-8").replace('"version": 1', '"version": 2'), encoding="utf-8")
    assert load(tree) is None
