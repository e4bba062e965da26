"""Running tests on a copy of the tree in which one check is missing."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from senim.compliance.mutants import watch
from senim.compliance.mutants.watch import NOTICED
from senim.compliance.tree import Tree

_WATCH = "senim_mutants_watch"
"""The name of `watch` in the copy, whose own `senim` may be a mutant."""
TOO_LONG = 1800
"""Seconds after which a run is given up."""
_NOT_SOURCES = (".git", ".venv", ".*_cache", "__pycache__", "*.pyc", "*.egg-info", "build", "dist", "var")
_SETTINGS = ("SENIM_HOME", "SENIM_PROCESS", "DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS")


class Ran(StrEnum):
    """How a run of tests ended."""

    PASSED = "passed"
    FAILED = "failed"
    """A test noticed (`watch`)."""
    BROKEN = "broken"
    """Nothing can be concluded: tests fell over, could not be collected, never ended, or there were none."""


class WrongCode(RuntimeError):
    """Not the copy's code would run, so nothing would be tried."""


class Copy:
    """A copy of a tree, made to be damaged."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def raise_if_other_code_runs(self) -> None:
        """Raise `WrongCode` unless Python finds our packages in the copy (the installation points elsewhere)."""
        script = "import senim, tests; print(senim.__file__); print(tests.__file__)"
        told = self._python("-c", script, timeout=60)
        places = [Path(line).resolve() for line in told.stdout.splitlines()]
        if told.returncode or not all(place.is_relative_to(self.root.resolve()) for place in places):
            raise WrongCode(f"the copy's code does not run: {told.stdout}{told.stderr}")

    def run(self, tests: Sequence[str]) -> Ran:
        """Run `tests` on the copy as it stands, until one notices that a check is missing."""
        plugins = ("-p", "no:cacheprovider", "-p", _WATCH)
        try:
            ended = self._python("-m", "pytest", "-q", *plugins, *tests, timeout=TOO_LONG)
        except subprocess.TimeoutExpired:
            return Ran.BROKEN
        return {0: Ran.PASSED, NOTICED: Ran.FAILED}.get(ended.returncode, Ran.BROKEN)

    @contextmanager
    def without(self, path: str, source: str | None) -> Iterator[None]:
        """The copy with `source` in place of the file at `path` (None: without that file), for a while."""
        file = self.root / path
        before = file.read_bytes()
        try:
            if source is None:
                file.unlink()
            else:
                file.write_text(source, encoding="utf-8")
            yield
        finally:
            file.write_bytes(before)

    def _python(self, *arguments: str, timeout: int) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
        # The copy's folders come before what is installed; no byte-code, which could outlive a mutant.
        path = os.pathsep.join((str(self.root / "src"), str(self.root)))
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )


@contextmanager
def copy_of(tree: Tree) -> Iterator[Copy]:
    """A copy of `tree` in a temporary folder. Raises `WrongCode`."""
    with tempfile.TemporaryDirectory(prefix="senim-mutants-") as folder:
        root = Path(folder) / "tree"
        shutil.copytree(tree.root, root, ignore=shutil.ignore_patterns(*_NOT_SOURCES))
        shutil.copy(watch.__file__, root / f"{_WATCH}.py")
        copy = Copy(root)
        copy.raise_if_other_code_runs()
        yield copy
