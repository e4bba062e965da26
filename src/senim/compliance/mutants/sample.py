"""Which checks to take out, and how each trial ended."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from senim.compliance.citations import Citation, citations, in_our_code
from senim.compliance.markers import marked_tests
from senim.compliance.mutants.excused import EXCUSED
from senim.compliance.mutants.take_out import Mutant, NoRule, take_out
from senim.compliance.mutants.trial import Copy, Ran, copy_of
from senim.compliance.tree import Tree


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    """A test that claims the limb failed: it notices."""
    SURVIVED = "survived"
    """All tests that claim the limb passed without the check."""
    BROKEN = "broken"
    """Its tests fell over, could not start or never ended, which shows nothing about the check."""
    UNSOUND = "unsound"
    """The tests that claim the limb do not pass with the check in place, so that their failing proves nothing."""
    NOT_TRIED = "not tried"
    """No rule takes the check out."""


@dataclass(frozen=True)
class Claim:
    """A check and the tests that claim its limb."""

    citation: Citation
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """How one check's removal ended."""

    claim: Claim
    what: str
    fate: Fate

    @property
    def shows(self) -> bool:
        """Whether the tests were shown to notice, or it is on record why that cannot be shown."""
        return self.fate is Fate.KILLED or bool(self.excuse)

    @property
    def excuse(self) -> str:
        """Why nothing can be shown here; a survivor or an unsound claim has no excuse."""
        if self.fate not in {Fate.BROKEN, Fate.NOT_TRIED}:
            return ""
        return EXCUSED.get((self.claim.citation.path, self.what), "")


def claims(tree: Tree, only: str = "") -> list[Claim]:
    """Every citing check whose limb some test claims (of limb `only`, where one is named)."""
    tests = defaultdict(list)
    for test in marked_tests(tree):
        for number in test.clauses:
            tests[number].append(test.id)
    found = in_our_code(citations(tree))
    return [
        Claim(citation, tuple(sorted(tests[citation.number], key=_starts_a_house)))
        for citation in found
        if citation.at_check and citation.number in tests and only in {"", citation.number}
    ]


def _starts_a_house(test: str) -> bool:
    """Such tests come last, in the order of their files: most mutants are noticed before."""
    return test.startswith("tests/functional/")


def sample(tree: Tree, found: Sequence[Claim], size: int) -> list[Claim]:
    """At most `size` of them, limb by limb in turn; the choice follows the tree, so that it moves as the tree does."""
    shuffled = random.Random(tree.fingerprint()).sample(found, len(found))  # noqa: S311 - a choice, no secret
    turns: dict[str, int] = defaultdict(int)
    order = []
    for claim in shuffled:
        order.append((turns[claim.citation.number], claim))
        turns[claim.citation.number] += 1
    return [claim for _, claim in sorted(order, key=lambda pair: pair[0])][:size]


def attempt(tree: Tree, chosen: Sequence[Claim]) -> Iterator[Trial]:
    """Take the chosen checks out one by one in a copy. Raises `WrongCode`."""
    sound: dict[tuple[str, ...], bool] = {}
    with copy_of(tree) as copy:
        for claim in chosen:
            if claim.tests not in sound:
                sound[claim.tests] = copy.run(claim.tests) is Ran.PASSED
            if sound[claim.tests]:
                yield _try(copy, claim)
            else:
                yield Trial(claim, "its tests do not pass with the check in place", Fate.UNSOUND)


def _try(copy: Copy, claim: Claim) -> Trial:
    try:
        mutant = _mutant(copy, claim.citation)
    except NoRule as refusal:
        return Trial(claim, str(refusal), Fate.NOT_TRIED)
    with copy.without(claim.citation.path, mutant.source or None):
        ended = copy.run(claim.tests)
    fates = {Ran.FAILED: Fate.KILLED, Ran.PASSED: Fate.SURVIVED, Ran.BROKEN: Fate.BROKEN}
    return Trial(claim, mutant.what, fates[ended])


def _mutant(copy: Copy, citation: Citation) -> Mutant:
    if citation.path.endswith(".py"):
        return take_out((copy.root / citation.path).read_text(encoding="utf-8"), citation.line)
    return Mutant("", "the whole file of the rule")
