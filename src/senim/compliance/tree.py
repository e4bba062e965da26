"""The source tree that is judged: where it is, what is in it, and its fingerprint."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

import senim
from senim.kit.problems import Problem

FOLDERS = ("src", "tests", "rules", "stand_ins")
SINGLE_FILES = ("pyproject.toml", "requirements/base.lock", "requirements/dev.lock")
_MADE_BY_TOOLS = frozenset({"__pycache__", "build"})


class NoSourceTree(Problem):
    """This is an installation without its sources and tests: there is nothing to map."""

    code = "clauses:no-source-tree"
    status = 404
    title = _("There is no source tree with its tests")
    remedy = _("Name one with --tree")


@dataclass(frozen=True)
class Tree:
    """A checkout."""

    root: Path

    @classmethod
    def at(cls, root: Path | None = None) -> "Tree":
        """The checkout at `root`, else the one that this program runs from. Raises `NoSourceTree`."""
        root = (root or Path(senim.__file__).resolve().parents[2]).absolute()
        if not (root / "tests").is_dir() or not (root / "src" / "senim").is_dir():
            raise NoSourceTree(str(root))
        return cls(root)

    def files(self, *folders: str) -> Iterator[Path]:
        """Every source file in `folders` (all of them where none is named), in a fixed order."""
        for folder in folders or FOLDERS:
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_file() and not _made(path.relative_to(self.root)):
                    yield path

    def name(self, path: Path) -> str:
        """The path of a file as people write it, from the root."""
        return path.relative_to(self.root).as_posix()

    def fingerprint(self) -> str:
        """SHA-256 over the names and bytes of all source files: what a test's result holds for."""
        total = hashlib.sha256()
        singles = (self.root / name for name in SINGLE_FILES if (self.root / name).is_file())
        for path in (*self.files(), *singles):
            total.update(f"{self.name(path)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()


def _made(path: Path) -> bool:
    """Whether tools make this file from others."""
    return path.suffix in {".pyc", ".mo"} or any(
        part in _MADE_BY_TOOLS or part.startswith(".") or part.endswith(".egg-info") for part in path.parts
    )
