"""Reading the regulation, once, and answering by number."""

import re
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

from senim.clauses.errors import BadRegistry, UnknownClause, UnknownFigure
from senim.clauses.figures import Choice, Duration, Version, YearlyDay, Years
from senim.clauses.model import Limb, Regulation

NUMBER = re.compile(
    r"(?P<paragraph>(?P<instrument>[A-Z]+\d+)/(?:A\d+-)?\d+(?:-\d+)?)"
    r"(?:\((?P<item>\d+)\)|/(?P<name>[a-z]+(?:-[a-z]+)*))?"
)
"""How a limb is cited: paragraph as printed, then its item in parentheses or the name of an unnumbered duty."""

F = TypeVar("F", bound=Duration | Years | YearlyDay | Version | Choice)


@cache
def registry() -> Regulation:
    """Resolution 228 in the edition this platform answers for. Raises `BadRegistry`."""
    return read((files("senim.clauses") / "R228.toml").read_bytes())


def limb(number: str) -> Limb:
    """The limb cited as `number`. Raises `UnknownClause` with the number."""
    try:
        return _by_number()[number]
    except KeyError:
        raise UnknownClause(f"{registry().edition.id} has no {number}") from None


def figure(number: str, name: str, shape: type[F]) -> F:
    """What limb `number` fixes under `name`, as a `shape`.

    Raises `UnknownClause` for the limb and `UnknownFigure` where the limb fixes nothing of that name and type.
    """
    found = limb(number).figures.get(name)
    if not isinstance(found, shape):
        raise UnknownFigure(f"{number} fixes no {shape.__name__} called {name!r}")
    return found


def read(toml: bytes) -> Regulation:
    """A regulation's file, checked. Raises `BadRegistry` saying what contradicts what."""
    try:
        regulation = msgspec.toml.decode(toml, type=Regulation)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRegistry(str(error)) from error
    problems = [*_misspelt(regulation), *_orphans(regulation), *_out_of_order(regulation)]
    if problems:
        raise BadRegistry("; ".join(problems))
    return regulation


@cache
def _by_number() -> dict[str, Limb]:
    return {each.id: each for each in registry().limbs}


def _misspelt(regulation: Regulation) -> list[str]:
    """Numbers that are none, or stand twice."""
    problems = []
    seen: set[str] = set()
    for each in regulation.limbs:
        spelling = NUMBER.fullmatch(each.id)
        if spelling is None or spelling["instrument"] != regulation.edition.instrument:
            problems.append(f"{each.id} is not a number of {regulation.edition.instrument}")
        if each.id in seen:
            problems.append(f"{each.id} stands twice")
        seen.add(each.id)
    return problems


def _orphans(regulation: Regulation) -> list[str]:
    """Limbs under another's paragraph or before their own, lists that open nothing, headings before nothing."""
    problems = []
    seen: set[str] = set()
    parents = {each.parent for each in regulation.limbs}
    for each in regulation.limbs:
        spelling = NUMBER.fullmatch(each.id)
        paragraph = spelling["paragraph"] if spelling else ""
        if each.parent != (paragraph if paragraph != each.id else ""):
            problems.append(f"{each.id} belongs to {paragraph}, not to {each.parent!r}")
        if each.parent and each.parent not in seen:
            problems.append(f"{each.id} stands before its paragraph {each.parent}")
        if each.opens and each.id not in parents:
            problems.append(f"{each.id} opens a list, but nothing stands in it")
        seen.add(each.id)
    lost = [each for each in regulation.headings if each.before not in seen]
    return problems + [f"heading {each.number} stands before {each.before}, which is not there" for each in lost]


def _out_of_order(regulation: Regulation) -> list[str]:
    """Numbered items that do not count 1, 2, 3."""
    problems = []
    counted: dict[str, int] = {}
    for each in regulation.limbs:
        spelling = NUMBER.fullmatch(each.id)
        if spelling and spelling["item"]:
            counted[each.parent] = counted.get(each.parent, 0) + 1
            if int(spelling["item"]) != counted[each.parent]:
                problems.append(f"{each.id} stands where item {counted[each.parent]} belongs")
    return problems
