"""Which tests claim to demonstrate which limbs: `@pytest.mark.clause(...)` and `@pytest.mark.refusal`, read as text.

Markers are read without running anything, so that a claim is known even where its test cannot run. Only literal numbers
are understood; anything else is refused, because a claim that cannot be read cannot be held against anybody.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from senim.compliance.tree import Tree
from senim.kit.problems import Problem

SHELVES_OF_DOORS = ("tests/functional/", "tests/conformance/")
"""Where tests stand that go through a door, a real process or an outside peer, with nothing of ours replaced."""


class UnreadableMarker(Problem):
    """A `clause` marker whose numbers are not literal strings."""

    code = "clauses:unreadable-marker"
    title = _("A test claims a clause in a form that nobody can read")
    remedy = _("Write the numbers as plain strings")


@dataclass(frozen=True)
class MarkedTest:
    """A test that claims limbs."""

    id: str
    """As pytest names it, without parameters: `tests/functional/test_x.py::TestY::test_z`."""
    clauses: frozenset[str]
    refusal: bool

    @property
    def through_a_door(self) -> bool:
        """Whether it stands on a shelf where nothing of ours is replaced."""
        return self.id.startswith(SHELVES_OF_DOORS)


def marked_tests(tree: Tree) -> list[MarkedTest]:
    """Every marked test of the tree. Raises `UnreadableMarker` naming file and line."""
    found = []
    for path in tree.files("tests"):
        if path.name.startswith("test_") and path.suffix == ".py":
            name = tree.name(path)
            module = ast.parse(path.read_text(encoding="utf-8"), filename=name)
            found += list(_in_body(name, module.body, _Marks()))
    return found


@dataclass(frozen=True)
class _Marks:
    clauses: frozenset[str] = frozenset()
    refusal: bool = False

    @classmethod
    def of(cls, name: str, expressions: Iterable[ast.expr]) -> "_Marks":
        clauses: set[str] = set()
        refusal = False
        for node in (node for expression in expressions for node in ast.walk(expression)):
            refusal = refusal or _is_mark(node, "refusal")
            if isinstance(node, ast.Call) and _is_mark(node.func, "clause"):
                clauses |= set(_literals(name, node))
        return cls(frozenset(clauses), refusal)

    def __or__(self, other: "_Marks") -> "_Marks":
        return _Marks(self.clauses | other.clauses, self.refusal or other.refusal)


def _in_body(prefix: str, body: list[ast.stmt], inherited: _Marks) -> Iterator[MarkedTest]:
    inherited |= _Marks.of(prefix, _pytestmark(body))
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            marks = inherited | _Marks.of(prefix, node.decorator_list)
            yield from _in_body(f"{prefix}::{node.name}", node.body, marks)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            marks = inherited | _Marks.of(prefix, node.decorator_list)
            if marks.clauses:
                yield MarkedTest(f"{prefix}::{node.name}", marks.clauses, marks.refusal)


def _pytestmark(body: list[ast.stmt]) -> list[ast.expr]:
    return [
        node.value
        for node in body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)
    ]


def _is_mark(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and ast.unparse(node.value) == "pytest.mark"


def _literals(name: str, marker: ast.Call) -> Iterator[str]:
    for argument in (*marker.args, *marker.keywords):
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise UnreadableMarker(f"{name}:{marker.lineno}")
        yield argument.value
