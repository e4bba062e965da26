"""The map: limb, the code that cites it, the tests that claim it, its state, and what stands against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from senim.clauses.model import Kind, Language, Limb, Regulation
from senim.clauses.registry import registry
from senim.compliance.citations import Citation, citations, in_our_code, unknown
from senim.compliance.known_gaps import KNOWN_GAPS, Gap
from senim.compliance.markers import MarkedTest, marked_tests
from senim.compliance.record import Outcome, Record, Result, load
from senim.compliance.translation import mark as _
from senim.compliance.translation import say
from senim.compliance.tree import Tree


class State(StrEnum):
    """What can be said of a limb on this tree."""

    DEMONSTRATED = "demonstrated"
    CLAIMED = "claimed"
    """Of a map of the tree alone: code and tests are there; whether the tests passed was not asked."""
    OPEN = "open"
    ON_PAPER = "on_paper"
    DEVICE = "device"


Judge = Callable[[str], tuple[State, str]]
"""Says of a limb, by its number, how it stands when code and tests are there, and why where it is open."""


@dataclass(frozen=True)
class Row:
    """One limb on the map."""

    limb: Limb
    state: State
    code: tuple[str, ...]
    tests: tuple[str, ...]
    gap: str = ""
    """Why it is not demonstrated, in the reader's language."""


@dataclass(frozen=True)
class ClauseMap:
    """All limbs of an edition, judged on one tree."""

    regulation: Regulation
    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    """What makes the map untrue: wrong numbers, gaps that nobody owns up to, gaps that are none any more."""


@dataclass(frozen=True)
class Findings:
    """What the tree says about one limb."""

    limb: Limb
    cited: list[Citation] = field(default_factory=list)
    tests: list[MarkedTest] = field(default_factory=list)

    @property
    def lacks(self) -> str:
        """What is missing before the tree can demonstrate it; empty where nothing is."""
        if not any(citation.at_check for citation in self.cited):
            return _("No check in the code cites it.")
        if not any(test.through_a_door and not test.refusal for test in self.tests):
            return _("No test through a door or a real process claims it.")
        if not any(test.through_a_door and test.refusal for test in self.tests):
            return _("No test through a door or a real process shows its refusal.")
        return ""


def clause_map(tree: Tree, language: Language, *, gaps: Mapping[str, Gap] = KNOWN_GAPS) -> ClauseMap:
    """Judge every limb on `tree` and on what its tests did. Raises `UnreadableMarker`, `NoSourceTree`."""
    record = load(tree)

    def judge(number: str) -> tuple[State, str]:
        missing = _not_shown(number, record)
        return (State.OPEN, missing) if missing else (State.DEMONSTRATED, "")

    return _drawn(tree, language, gaps, judge)


def map_of_tree(tree: Tree, language: Language, *, gaps: Mapping[str, Gap] = KNOWN_GAPS) -> ClauseMap:
    """What `tree` says by itself, whatever was run on it: never `demonstrated`. Raises as `clause_map`."""
    return _drawn(tree, language, gaps, lambda _number: (State.CLAIMED, ""))


def _drawn(tree: Tree, language: Language, gaps: Mapping[str, Gap], judge: Judge) -> ClauseMap:
    found, tests = citations(tree), marked_tests(tree)
    findings = _by_limb(found, tests)
    rows: dict[str, Row] = {}
    for each in reversed(registry().limbs):  # items before the paragraph that opens them
        rows[each.id] = _row(findings[each.id], gaps, judge, rows, language)
    return ClauseMap(
        registry(),
        tuple(rows[each.id] for each in registry().limbs),
        tuple(problems(found, tests, gaps, language)),
    )


def problems(found: list[Citation], tests: list[MarkedTest], gaps: Mapping[str, Gap], language: Language) -> list[str]:
    """Everything that makes the map untrue, whatever has been run."""
    findings = _by_limb(found, tests)
    wrong = _("%(place)s cites %(number)s, which the edition does not have")
    idle = _("%(number)s needs no entry in KNOWN_GAPS")
    told = [say(language, wrong, place=citation.place, number=citation.number) for citation in unknown(found)]
    owing = {number: finding for number, finding in findings.items() if _owes(finding.limb)}
    told += [say(language, idle, number=number) for number in gaps if number not in owing]
    for number, finding in owing.items():
        told += _against(number, finding.lacks, gaps.get(number), language)
    return told


def _against(number: str, lacks: str, gap: Gap | None, language: Language) -> list[str]:
    """What speaks against the entry of a limb in the list of gaps, or against its absence."""
    hidden = _("%(number)s is neither demonstrated nor in KNOWN_GAPS: %(lacks)s")
    settled = _("%(number)s is demonstrated by now: strike it from KNOWN_GAPS")
    if gap is None and lacks:
        return [say(language, hidden, number=number, lacks=say(language, lacks))]
    if gap and not gap.partly and not lacks:
        return [say(language, settled, number=number)]
    return []


def _by_limb(found: list[Citation], tests: list[MarkedTest]) -> dict[str, Findings]:
    findings = {each.id: Findings(each) for each in registry().limbs}
    for citation in in_our_code(found):
        if citation.number in findings:
            findings[citation.number].cited.append(citation)
    for test in tests:
        for number in test.clauses & findings.keys():
            findings[number].tests.append(test)
    return findings


def _owes(limb: Limb) -> bool:
    """Whether the limb by itself must be demonstrated or listed as a gap."""
    return not limb.opens and limb.kind in {Kind.BUILT, Kind.OPERATED}


def _row(
    finding: Findings,
    gaps: Mapping[str, Gap],
    judge: Judge,
    items: Mapping[str, Row],
    language: Language,
) -> Row:
    if finding.limb.opens:
        state, gap = _state_of_items([row for row in items.values() if row.limb.parent == finding.limb.id], language)
    else:
        state, reason = _state(finding, gaps.get(finding.limb.id), judge)
        gap = say(language, reason) if reason else ""
    return Row(
        finding.limb,
        state,
        tuple(citation.place for citation in finding.cited),
        tuple(test.id for test in finding.tests),
        gap,
    )


def _state(finding: Findings, gap: Gap | None, judge: Judge) -> tuple[State, str]:
    if finding.limb.kind is Kind.ON_PAPER:
        return State.ON_PAPER, _("Kept on paper: no software can show it.")
    if finding.limb.kind is Kind.DEVICE:
        return State.DEVICE, _("Shows itself only on a client's phone.")
    if gap:
        return State.OPEN, gap.reason
    return (State.OPEN, finding.lacks) if finding.lacks else judge(finding.limb.id)


def _not_shown(number: str, record: Record | None) -> str:
    """What the record of this tree lacks or holds against the limb; empty where the record shows it."""
    if record is None:
        return _("No test run is on record for this source tree: run `make test`.")
    results = [result for result in record.results if number in result.clauses]
    if any(result.outcome is Outcome.FAILED for result in results):
        return _("A test that claims it failed on this source tree.")
    passed = [result for result in results if result.outcome is Outcome.PASSED]
    if not any(_through_a_door(result) and not result.refusal for result in passed):
        return _("On this source tree no test through a door or a real process has passed for it.")
    if not any(_through_a_door(result) and result.refusal for result in passed):
        return _("On this source tree no test of its refusal through a door or a real process has passed.")
    return ""


def _through_a_door(result: Result) -> bool:
    return MarkedTest(result.id, frozenset(result.clauses), result.refusal).through_a_door


def _state_of_items(items: list[Row], language: Language) -> tuple[State, str]:
    """A paragraph that only opens its items stands where they stand."""
    still_open = sum(row.state is State.OPEN for row in items)
    if not still_open:
        return (State.CLAIMED if any(row.state is State.CLAIMED for row in items) else State.DEMONSTRATED), ""
    text = _("%(open)s of its %(all)s items are open.")
    return State.OPEN, say(language, text, open=still_open, all=len(items))
