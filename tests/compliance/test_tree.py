"""What counts as the tree, and what its fingerprint notices."""

from collections.abc import Callable
from pathlib import Path

import pytest

from senim.compliance.tree import NoSourceTree, Tree


def test_a_changed_letter_changes_the_fingerprint(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    before = tree.fingerprint()
    assert tree.fingerprint() == before
    (tree.root / "src/senim/limit.py").write_text("changed", encoding="utf-8")
    assert tree.fingerprint() != before


def test_a_renamed_or_added_file_changes_the_fingerprint(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    before = tree.fingerprint()
    (tree.root / "src/senim/limit.py").rename(tree.root / "src/senim/bound.py")
    renamed = tree.fingerprint()
    (tree.root / "rules").mkdir()
    (tree.root / "rules/new.yml").write_text("", encoding="utf-8")
    assert len({before, renamed, tree.fingerprint()}) == 3


@pytest.mark.parametrize("made", ["src/senim/__pycache__/x.pyc", "src/senim/x.mo", "src/senim.egg-info/PKG", "build/x"])
def test_what_tools_make_does_not_count(make_tree: Callable[..., Tree], made: str) -> None:
    tree = make_tree()
    before = tree.fingerprint()
    (tree.root / made).parent.mkdir(parents=True, exist_ok=True)
    (tree.root / made).write_text("made", encoding="utf-8")
    assert tree.fingerprint() == before


def test_a_folder_without_tests_is_no_tree(tmp_path: Path) -> None:
    with pytest.raises(NoSourceTree, match=tmp_path.name):
        Tree.at(tmp_path)
