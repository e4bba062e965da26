"""A peer that shares our code would share our mistakes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stand_ins.bureau import CHECKOUT

FILES = sorted((CHECKOUT / "stand_ins").rglob("*.py"))
ALLOWED = {"asn1crypto", "cryptography", "stand_ins", *sys.stdlib_module_names}


def imported(source: str) -> set[str]:
    """Top-level names of every module that `source` imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("relative" if node.level else (node.module or "").split(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            found |= {name} & {"__import__", "import_module"}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_stand_in_imports_nothing_of_ours(path: Path) -> None:
    assert imported(path.read_text()) <= ALLOWED


@pytest.mark.parametrize("source", ["import senim.kit", "def f():\n    from senim import kit", "__import__('senim')"])
def test_the_check_would_see_it(source: str) -> None:
    assert not imported(source) <= ALLOWED


def test_it_runs_where_senim_is_not(tmp_path: Path) -> None:
    """With a `senim` on the path that cannot be imported."""
    (tmp_path / "senim.py").write_text("raise RuntimeError('a stand-in imported senim')")
    environment = {"PYTHONPATH": f"{tmp_path}:{CHECKOUT}", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "stand_ins.asoi", "init", "--home", str(tmp_path / "home")]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "home" / "signing.csr").exists()
