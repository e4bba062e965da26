"""Where the tree cites the law.

A citation is text: `R228/81-1(6)` in a comment, a docstring, a marker, a rule. In Python a *comment* stands at a check;
a docstring says what a room or a function answers for. A detection rule is a check, so what it cites stands at one.
"""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from senim.clauses.registry import registry
from senim.compliance.tree import Tree

OUR_CODE = ("src", "rules")
READ_AS_TEXT = frozenset({".css", ".html", ".js", ".py", ".sql", ".toml", ".txt", ".yaml", ".yml"})
NOT_CITATIONS = ("src/senim/clauses/R228.toml", "src/senim/compliance/known_gaps.py")
"""The law itself, and the list of what does not keep it."""


@dataclass(frozen=True, order=True)
class Citation:
    """One place that names a number of the law."""

    path: str
    line: int
    number: str
    at_check: bool
    """It stands in a comment above a check, or in a rule."""

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}"


def citations(tree: Tree) -> list[Citation]:
    """Every citation in the tree's code, tests, rules and stand-ins."""
    found = []
    for path in tree.files():
        name = tree.name(path)
        if path.suffix in READ_AS_TEXT and name not in NOT_CITATIONS:
            found += list(_in_text(name, path.read_text(encoding="utf-8")))
    return found


def unknown(found: Iterable[Citation]) -> list[Citation]:
    """Those whose number the edition does not have."""
    numbers = {each.id for each in registry().limbs}
    return [each for each in found if each.number not in numbers]


def in_our_code(found: Iterable[Citation]) -> list[Citation]:
    """Those in the house's own code and rules; tests and stand-ins keep no clause."""
    return [each for each in found if each.path.startswith(tuple(f"{folder}/" for folder in OUR_CODE))]


def _in_text(name: str, text: str) -> Iterator[Citation]:
    comments = _comment_lines(text) if name.endswith(".py") else None
    for line, content in enumerate(text.splitlines(), start=1):
        for number in _numbers(content):
            at_check = name.startswith("rules/") if comments is None else line in comments
            yield Citation(name, line, number, at_check)


def _numbers(text: str) -> Iterator[str]:
    """The numbers cited in a line. What a slip glued to a number comes with it, so that it fails by name."""
    for match in re.finditer(rf"\b{registry().edition.instrument}/[0-9A-Za-z][\w()/-]*", text):
        number = match[0]
        while number.count("(") < number.count(")") and number.endswith(")"):
            number = number[:-1]  # the sentence's parenthesis, not the number's
        yield number.rstrip("(-/")


def _comment_lines(source: str) -> frozenset[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return frozenset(token.start[0] for token in tokens if token.type == tokenize.COMMENT)
