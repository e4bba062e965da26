"""The rules as detection uses them, and those it refuses, each with its reason.

`load` reads the rule files, lets pySigma parse them and compiles what it can. One rule that is wrong never takes
another with it, except those that are built on it, and these say so.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError, SigmaRuleLocation
from sigma.rule import SigmaRule

from senim.detection.errors import RuleRefused
from senim.detection.figures import Figures
from senim.detection.internal import building, conditions
from senim.detection.internal.building import About, Base, Correlation
from senim.detection.internal.files import Document, documents
from senim.detection.internal.meaning import Meaning, claimed_kind, meaning_of, telemetry_of
from senim.detection.internal.visible import visible
from senim.detection.measures import Measure
from senim.detection.places import digests

_UNREADABLE = (
    SigmaError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What pySigma raises for rules that are none: its own errors, and Python's where a value is of an unexpected type."""


@dataclass(frozen=True)
class Refused:
    """A rule that is not used, and why."""

    file: str
    line: int
    id: str
    """Empty where not even that could be read."""
    title: str
    reason: str
    kind: int | None = None
    """The kind that it would grade, where that could be read."""


@dataclass
class Ruleset:
    """All rules of this installation."""

    bases: dict[str, Base] = field(default_factory=dict)
    """Rules of single events, by identifier."""
    correlations: dict[str, Correlation] = field(default_factory=dict)
    """By identifier, each behind those that it is built on. A rule of single events that alerts is one of them too."""
    refused: list[Refused] = field(default_factory=list)
    measures: tuple[Measure, ...] = ()
    """What is measured and not matched: nothing, where senim.toml names no service."""
    by_kind: dict[str, list[Base]] = field(default_factory=dict)
    """Kind of telemetry → the rules that an event of that kind is tested against; no others are."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Rule file → its digest just before it was read."""

    def about(self, rule: str) -> About:
        """What is to be said of a loaded rule. Raises `KeyError`."""
        return self.correlations[rule].about if rule in self.correlations else self.bases[rule].about

    @property
    def loaded(self) -> list[About]:
        """Every loaded rule, in the order of files."""
        known = {**{k: b.about for k, b in self.bases.items()}, **{k: c.about for k, c in self.correlations.items()}}
        return sorted(known.values(), key=lambda about: (about.file, about.line))


@dataclass(frozen=True)
class _Parsed:
    document: Document
    rule: SigmaRule | SigmaCorrelationRule
    meaning: Meaning | None

    @property
    def id(self) -> str:
        return str(self.rule.id)


def load(folders: Mapping[str, Path], figures: Figures | None = None) -> Ruleset:
    """The rules in `folders` (whose → place). Never raises for what a file holds.

    `figures` are the bureau's own that rules ask for.
    """
    # Before they are read: what changes in between counts as changed, and never as read.
    found = Ruleset(files=digests(folders))
    parsed: dict[str, _Parsed] = {}
    names: dict[str, str] = {}
    for document in documents(folders):
        try:
            one = _parsed(document, figures or Figures())
            _raise_if_known(one, parsed, names)
        except _UNREADABLE as error:
            found.refused.append(_refusal(document, error))
            continue
        parsed[one.id] = one
        names.update({name: one.id for name in (one.id, one.rule.name) if name})
    _take_bases(found, parsed)
    _take_correlations(found, parsed, names)
    silent = {member for one in parsed.values() for member in _silenced(one.rule, names)}
    alerting = {k: one.meaning for k, one in parsed.items() if one.meaning or k not in silent}
    found.correlations = building.finished(found.correlations, found.bases, alerting)
    for base in found.bases.values():
        for kind in base.kinds:
            found.by_kind.setdefault(kind, []).append(base)
    found.refused.sort(key=lambda refused: (refused.file, refused.line))
    return found


def _parsed(document: Document, figures: Figures) -> _Parsed:
    if document.flaw:
        raise RuleRefused(document.flaw)
    if not isinstance(document.content, dict):
        raise RuleRefused("not a Sigma rule: the document is not a map")
    for word in ("action", "filter"):
        if word in document.content:
            raise RuleRefused(f"Sigma's `{word}` documents are not supported: write whole rules")
    if not isinstance(document.content.get("id"), str):
        raise RuleRefused("a rule needs an `id`, a UUID: its alerts and what it remembers are known by it")
    document = replace(document, content=figures.filled_in(document.content))
    where = SigmaRuleLocation(document.path, document.line)
    collection = SigmaCollection.from_dicts([document.content], True, where, resolve_references=False)
    if collection.errors:
        raise RuleRefused("; ".join(error.args[0] for error in collection.errors))
    (rule,) = collection.rules
    return _Parsed(document, rule, meaning_of(rule.custom_attributes))


def _raise_if_known(one: _Parsed, parsed: Mapping[str, _Parsed], names: Mapping[str, str]) -> None:
    for name in (one.id, one.rule.name or ""):
        if name in names:
            other = parsed[names[name]].document
            raise RuleRefused(f"{name} is the name of another rule ({other.file}:{other.line})")


def _take_bases(found: Ruleset, parsed: Mapping[str, _Parsed]) -> None:
    for one in parsed.values():
        if isinstance(one.rule, SigmaRule):
            try:
                test = conditions.compiled(one.rule)
                kinds = telemetry_of(one.rule.logsource)
                building.raise_if_waits(one.meaning)
            except _UNREADABLE as error:
                found.refused.append(_refusal(one.document, error))
                continue
            asked = " | ".join(one.rule.detection.condition)
            found.bases[one.id] = Base(_about(one), kinds, test, asked)


def _take_correlations(found: Ruleset, parsed: Mapping[str, _Parsed], names: Mapping[str, str]) -> None:
    """Correlations from those built on single events upwards, so that each finds its members judged already."""
    waiting = [(one, one.rule) for one in parsed.values() if isinstance(one.rule, SigmaCorrelationRule)]
    while waiting:
        unjudged = {one.id for one, _ in waiting}
        judged = [(one, rule) for one, rule in waiting if not _members_of(rule, names) & unjudged]
        for one, rule in judged or waiting:
            try:
                if not judged:
                    raise RuleRefused("is built on itself, or on a correlation that is")
                known: building.Known = {**found.bases, **found.correlations}
                found.correlations[one.id] = building.correlation(rule, _about(one), one.meaning, names, known)
            except _UNREADABLE as error:
                found.refused.append(_refusal(one.document, error))
        waiting = [pair for pair in waiting if judged and pair not in judged]


def _members_of(rule: SigmaRule | SigmaCorrelationRule, names: Mapping[str, str]) -> set[str]:
    if not isinstance(rule, SigmaCorrelationRule):
        return set()
    return {names[member.reference] for member in rule.rules or () if member.reference in names}


def _silenced(rule: SigmaRule | SigmaCorrelationRule, names: Mapping[str, str]) -> set[str]:
    """The rules that alert through this correlation only (Sigma: unless it says `generate`)."""
    return set() if getattr(rule, "generate", False) else _members_of(rule, names)


def _about(one: _Parsed) -> About:
    written = json.dumps(one.document.content, sort_keys=True, default=str).encode()
    return About(
        id=one.id,
        revision=hashlib.sha256(written).hexdigest()[:16],
        title=visible(one.rule.title)[:255],
        level=one.rule.level.name.lower() if one.rule.level else "medium",
        file=one.document.file,
        line=one.document.line,
    )


def _refusal(document: Document, error: Exception) -> Refused:
    content = document.content if isinstance(document.content, dict) else {}
    # pySigma's own text ends in the path of the file, which is said beside it already.
    reason = str(error.args[0]) if error.args and isinstance(error, SigmaError) else str(error)
    return Refused(
        file=document.file,
        line=document.line,
        id=visible(str(content.get("id") or ""))[:64],
        title=visible(str(content.get("title") or ""))[:255],
        reason=visible(" ".join(reason.split())) or type(error).__name__,
        kind=claimed_kind(content),
    )
