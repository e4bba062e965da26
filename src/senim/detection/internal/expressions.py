r"""Regular expressions of rules, admitted only if no text can make them slow.

Python's `re` backtracks: `(a+)+$` needs 2^n steps on a text that somebody chose for it, and a detector that stands
still sees nothing. So an expression is admitted only if the steps it can need on the longest text it is ever given stay
within `MOST_STEPS`. They are bounded from above over the parse tree:

- an item is tried once for every way in which the items before it can match; alternatives add; a search starts at every
  place of the text;
- a repetition of something that matches in one way has as many ways as it has lengths, and one way only where what
  follows cannot begin with what is repeated (`\s+foo`: giving a character back never helps);
- a repetition without end of something that matches in two ways is refused, whatever its length.

This errs on the safe side: what is refused can be written with wildcards or `contains|all`, which take one pass. A text
longer than `LONGEST` is looked at in pieces of that length which overlap, up to `LOOKED_AT` (web servers take request
lines of 8,190): no padding pushes an attack out of sight. Strings and wildcards see all of it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, log2
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from senim.detection.errors import RuleRefused

LONGEST = 2048
LOOKED_AT = 8 * 1024
_OVERLAP = 256
"""What an expression finds is seldom longer: of something longer that lies across two pieces a part may be missed."""
MOST_STEPS = 50_000_000
_LETTER, _SIGN = 256, 257
"""Stand for every character past Latin-1: those that `\\w` takes, and the others."""
_PAST_LATIN_1 = {_LETTER, _SIGN}
_ALL = frozenset(range(_SIGN + 1))
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_ONE_CHARACTER = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN, op.AT, op.FAILURE)
_NEEDLESS_HEAD = re.compile(r"(?:\.\*\??)+(?![+*?{])")
"""A search for `.*x` is a search for `x`."""
_MOST_BITS = 64
_END = (op.AT_END, op.AT_END_STRING)

Tree = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Cost:
    """What trying a part of an expression can cost."""

    ways: float
    """In how many ways it can match from one place."""
    steps: float
    """How many characters are compared while all of them are tried."""


_ONE = Cost(1, 1)


def searcher(pattern: str, flags: re.RegexFlag) -> Callable[[str], bool]:
    """A test whether `pattern` occurs in a text (its first `LOOKED_AT` characters, in pieces).

    Raises `RuleRefused` where it is no expression, or one that some text could make slow.
    """
    pattern = _NEEDLESS_HEAD.sub("", pattern, count=1) if pattern.startswith(".*") else pattern
    try:
        compiled = re.compile(pattern, flags)
        tree = parser.parse(pattern, flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise RuleRefused(f"regular expression {pattern!r}: {error}") from error
    steps = _row(tree).steps * (1 if _starts_at_beginning(tree, compiled.flags) else LONGEST)
    if steps > MOST_STEPS:
        some = "exponentially many" if steps == inf else f"{steps:.0e}"
        raise RuleRefused(
            f"regular expression {pattern!r} could need {some} steps on a text of {LONGEST} characters; at most"
            f" {MOST_STEPS:.0e} are admitted: use wildcards or contains|all"
        )
    pieces = _ends if _asks_for_end(tree) else _pieces
    search = compiled.search

    def _occurs(text: str) -> bool:
        if len(text) <= LONGEST:
            return search(text) is not None
        return any(search(text, first, last) is not None for first, last in pieces(len(text)))

    return _occurs


def _pieces(length: int) -> Iterator[tuple[int, int]]:
    """Pieces of a text of `length` characters, which together hold what is looked at of it."""
    looked_at = min(length, LOOKED_AT)
    first = 0
    while True:
        yield first, min(first + LONGEST, looked_at)
        first += LONGEST - _OVERLAP
        if first + _OVERLAP >= looked_at:
            return


def _ends(length: int) -> Iterator[tuple[int, int]]:
    """The beginning and the end: what asks for an end would find one wherever a piece is cut off."""
    yield 0, LONGEST
    yield length - LONGEST, length


def _asks_for_end(tree: Tree) -> bool:
    """Whether `tree` asks somewhere that the text ends."""
    return any(
        (kind is op.AT and what in _END) or any(_asks_for_end(part) for part in _parts(what)) for kind, what in tree
    )


def _parts(what: Any) -> Iterator[Tree]:
    """The trees inside an item, wherever its kind keeps them."""
    if isinstance(what, parser.SubPattern):
        yield what
    elif isinstance(what, (tuple, list)):
        for part in what:
            yield from _parts(part)


def _starts_at_beginning(tree: Tree, flags: int) -> bool:
    if not len(tree) or tree[0][0] is not op.AT:
        return False
    where = tree[0][1]
    return where is op.AT_BEGINNING_STRING or (where is op.AT_BEGINNING and not flags & re.MULTILINE)


def _row(tree: Tree) -> Cost:
    """The cost of items one after another: each is tried for every way in which those before it match."""
    ways, steps = 1.0, 0.0
    for place, (kind, what) in enumerate(tree):
        item = _item(kind, what, tree[place + 1 :])
        steps += ways * item.steps
        ways *= item.ways
    return Cost(ways, max(steps, 1))


def _item(kind: Any, what: Any, rest: Tree) -> Cost:
    if kind in _ONE_CHARACTER:
        return _ONE
    if kind is op.BRANCH:
        branches = [_row(branch) for branch in what[1]]
        return Cost(sum(b.ways for b in branches), sum(b.steps for b in branches))
    if kind in (op.SUBPATTERN, op.ASSERT, op.ASSERT_NOT):
        return _row(what[-1])
    if kind is op.ATOMIC_GROUP:
        return _row(what)
    if kind in _REPEATS:
        least, most, body = what
        return _repeat(least, most, body, rest)
    raise RuleRefused(f"regular expression uses {str(kind).lower()}, which cannot be bounded")


def _repeat(least: int, most: int, body: Tree, rest: Tree) -> Cost:
    most = min(int(most), LONGEST)
    least = min(int(least), most)
    once = _row(body)
    if once.ways == 1:
        is_forced = not _first(body) & _first(rest)
        return Cost(1 if is_forced else most - least + 1, max(most, 1) * once.steps)
    if most * log2(once.ways) > _MOST_BITS:
        return Cost(inf, inf)
    ways = float(sum(once.ways**times for times in range(least, most + 1)))
    return Cost(ways, ways * once.steps)


def _first(tree: Tree) -> frozenset[int]:
    """The characters with which a match of `tree` can begin; all of them where that cannot be told."""
    if not len(tree):
        return _ALL
    kind, what = tree[0]
    if inside := _inside(kind, what):
        return frozenset().union(*(_first(part) for part in inside))
    if kind is op.LITERAL:
        return _in_either_case({_class(what)})
    if kind is op.IN and what[0][0] is not op.NEGATE:
        return _in_either_case(_members(what))
    # Of what is past Latin-1, a negated set always leaves something over.
    return _ALL - _members(what[1:]) | _PAST_LATIN_1 if kind is op.IN else _ALL


def _inside(kind: Any, what: Any) -> Sequence[Tree]:
    """The parts with one of which `kind` must begin; none where it is no group, or may be empty."""
    if kind is op.SUBPATTERN and not (what[1] or what[2]):  # no flags of its own
        return [what[-1]]
    if kind is op.BRANCH:
        return list(what[1])
    return [what[2]] if kind in _REPEATS and what[0] > 0 else []


def _class(code: int) -> int:
    if code < _LETTER:
        return code
    return _LETTER if re.match(r"\w", chr(code)) else _SIGN


def _in_either_case(codes: set[int]) -> frozenset[int]:
    """`codes` in both cases: whether case counts is not asked. Some letters have a case past Latin-1."""
    characters = [chr(code) for code in codes if code < _LETTER]
    forms = {ord(form) for c in characters for form in c.lower() + c.upper() if ord(form) < _LETTER}
    return frozenset(codes | forms | ({_LETTER} if any(c.isalpha() for c in characters) else set()))


def _members(items: Tree) -> set[int]:
    found: set[int] = set()
    for kind, what in items:
        if kind is op.LITERAL:
            found.add(_class(what))
        elif kind is op.RANGE:
            found.update(range(what[0], min(what[1] + 1, _LETTER)))
            found.update(_PAST_LATIN_1 if what[1] >= _LETTER else ())
        else:
            found |= _CATEGORIES[what]
    return found


def _category(expression: str, *past_latin_1: int) -> set[int]:
    return {code for code in range(_LETTER) if re.match(expression, chr(code))}.union(past_latin_1)


_CATEGORIES = {
    op.CATEGORY_DIGIT: _category(r"\d", _LETTER),
    op.CATEGORY_NOT_DIGIT: _category(r"\D", _LETTER, _SIGN),
    op.CATEGORY_SPACE: _category(r"\s", _SIGN),
    op.CATEGORY_NOT_SPACE: _category(r"\S", _LETTER, _SIGN),
    op.CATEGORY_WORD: _category(r"\w", _LETTER),
    op.CATEGORY_NOT_WORD: _category(r"\W", _SIGN),
}
