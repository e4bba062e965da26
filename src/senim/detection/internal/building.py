"""From Sigma's correlation rules to what the engine carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaExtendedCorrelationCondition,
)

from senim.detection.errors import RuleRefused
from senim.detection.internal.absence import happened_and_not
from senim.detection.internal.correlate import MOST_AMOUNT, MOST_MARKS, Condition, Kind
from senim.detection.internal.lateness import LATENESS_S
from senim.detection.internal.meaning import NOT_GRADED, Meaning
from senim.detection.internal.predicates import Test

SECOND = 1_000_000
LATENESS = LATENESS_S * SECOND
ONE_SPELL = 600 * SECOND
"""Alerts of a rule of single events that lie no further apart than this are one spell (see `correlate.is_told`)."""
QUIET = 60 * SECOND
"""Our choice: an attack that has not gone on for so long is told to its end (`unsaid`)."""
_LONGEST = 31 * 86400 * SECOND


@dataclass(frozen=True)
class About:
    """What is said of a rule to people, and what it is known by."""

    id: str
    revision: str
    """Of its text: state that was made by another text is not used."""
    title: str
    level: str
    file: str
    line: int


@dataclass(frozen=True)
class Base:
    """A rule of single events."""

    about: About
    kinds: tuple[str, ...]
    """Of telemetry."""
    test: Test
    asks: str
    """Its condition as written."""


@dataclass(frozen=True)
class Member:
    """A rule that a correlation is built on."""

    rule: str
    fields: Mapping[str, str]
    """The correlation's name of a field → the member's, where they differ (Sigma: aliases)."""

    def field(self, name: str) -> str:
        """What the member calls the field `name`."""
        return self.fields.get(name, name)


@dataclass(frozen=True)
class Correlation:
    """A correlation as the engine carries it out."""

    about: About
    condition: Condition
    members: tuple[Member, ...]
    group_by: tuple[str, ...]
    counted: tuple[str, ...] = ()
    """The fields whose values `value_count` counts; the one whose values `value_sum` adds up."""
    keeps: tuple[str, ...] = ()
    """The fields it must know of an event, for itself, those built on it and their alerts."""
    meaning: Meaning | None = None
    """What its alerts mean; None: it raises none, others are built on it."""
    tellers: tuple[str, ...] = ()
    """The rules whose alerts count its events: itself, those built on it."""

    @property
    def rest_after(self) -> int:
        """How long an attack must be quiet, in microseconds, until what no alert told of it is told.

        What a rule grades joins its incident, so the regulator hears of it soon; what a person has to look at comes
        once, when the attack is over or has paused for long.
        """
        is_graded = self.meaning is not None and self.meaning.kind is not None
        return QUIET if is_graded else max(QUIET, min(self.condition.timespan, ONE_SPELL))


_KINDS = {
    SigmaCorrelationType.EVENT_COUNT: Kind.EVENT_COUNT,
    SigmaCorrelationType.VALUE_COUNT: Kind.VALUE_COUNT,
    SigmaCorrelationType.TEMPORAL: Kind.TEMPORAL,
    SigmaCorrelationType.TEMPORAL_ORDERED: Kind.TEMPORAL_ORDERED,
    SigmaCorrelationType.VALUE_SUM: Kind.VALUE_SUM,
}
Known = Mapping[str, "Base | Correlation"]


def correlation(
    rule: SigmaCorrelationRule, about: About, meaning: Meaning | None, names: Mapping[str, str], known: Known
) -> Correlation:
    """`rule` for the engine. `names` leads from names and identifiers to identifiers, `known` holds the loaded rules.

    Raises `RuleRefused` for what the engine cannot carry out.
    """
    kind = _KINDS.get(rule.type)
    if kind is None:
        raise RuleRefused(f"correlation type {rule.type.name.lower()} is not supported")
    if not rule.rules:
        raise RuleRefused("a correlation without rules")
    if isinstance(rule.condition, SigmaExtendedCorrelationCondition):
        # That what is missing came before is part of what `without` means: an order of its own it has none.
        kind, references = Kind.WITHOUT, happened_and_not(rule.condition)
    else:
        references = tuple(reference.reference for reference in rule.rules)
    members = tuple(_member(rule, reference, names, known) for reference in references)
    timespan = rule.timespan.seconds * SECOND
    if timespan > _LONGEST:
        raise RuleRefused("a timespan of more than 31 days is not supported")
    _raise_if_mixed(rule, meaning)
    return Correlation(
        about=about,
        condition=Condition(
            kind, timespan, _least(kind, rule, len(members)), timespan + LATENESS, len(members), _wait(kind, meaning)
        ),
        members=members,
        group_by=tuple(rule.group_by or ()),
        counted=_counted(kind, rule),
    )


def _counted(kind: Kind, rule: SigmaCorrelationRule) -> tuple[str, ...]:
    """The fields whose values are counted or added up."""
    if not isinstance(rule.condition, SigmaCorrelationCondition):
        return ()
    named = rule.condition.fieldref or ()
    fields = (named,) if isinstance(named, str) else tuple(named)
    if kind is Kind.VALUE_SUM and len(fields) > 1:
        raise RuleRefused("value_sum adds up one field")
    return fields


def _wait(kind: Kind, meaning: Meaning | None) -> int:
    """How long a rule waits for what may be missing, in microseconds."""
    if kind is not Kind.WITHOUT:
        raise_if_waits(meaning)
        return 0
    if meaning is None or meaning.wait is None:
        raise RuleRefused("a condition with `not` needs `wait` in the attribute `senim`")
    return meaning.wait * SECOND


def raise_if_waits(meaning: Meaning | None) -> None:
    """Raise `RuleRefused` where a rule that nothing can be missing from says how long to wait."""
    if meaning and meaning.wait is not None:
        raise RuleRefused("attribute `senim`: `wait` belongs to a condition with `not`")


def _raise_if_mixed(rule: SigmaCorrelationRule, meaning: Meaning | None) -> None:
    """What is real and what is an exercise never come true together: else a real attack could pass for an exercise."""
    if meaning and meaning.marker and meaning.marker not in (rule.group_by or ()):
        raise RuleRefused(f"attribute `senim`: marker {meaning.marker} is not among the fields of group-by")


def _member(rule: SigmaCorrelationRule, reference: str, names: Mapping[str, str], known: Known) -> Member:
    identifier = names.get(reference, "")
    if identifier not in known:
        raise RuleRefused(f"is built on {reference}, which is {'refused' if identifier else 'not there'}")
    fields = {}
    for alias in rule.aliases:
        told = {names.get(where.reference): name for where, name in alias.mapping.items()}
        if identifier not in told:
            raise RuleRefused(f"alias {alias.alias} does not say what {reference} calls it")
        fields[alias.alias] = str(told[identifier])
    return Member(identifier, fields)


def _least(kind: Kind, rule: SigmaCorrelationRule, members: int) -> int:
    """The figure that must be reached."""
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        return 1
    operators = SigmaCorrelationConditionOperator
    if condition.op not in (operators.GTE, operators.GT):
        named = condition.op.name.lower()
        raise RuleRefused(f"condition {named} is not supported: only reaching a figure (gte, gt) can be seen to happen")
    least = condition.count + (condition.op is operators.GT)
    if least < 1:
        raise RuleRefused("a condition that nothing fulfils already")
    if kind is Kind.TEMPORAL_ORDERED and least != members:
        raise RuleRefused("temporal_ordered asks for all of its rules")
    if kind is Kind.TEMPORAL and least > members:
        raise RuleRefused(f"asks for {least} of {members} rules")
    most, what = (MOST_AMOUNT, "can be added up") if kind is Kind.VALUE_SUM else (MOST_MARKS, "a group remembers")
    if least > most:
        raise RuleRefused(f"asks for more than {most} in a window, more than {what}")
    return least


def single(base: Base) -> Correlation:
    """A rule of single events as the correlation that comes true at each of them."""
    condition = Condition(Kind.EVENT, ONE_SPELL, 1, ONE_SPELL + LATENESS)
    return Correlation(base.about, condition, (Member(base.about.id, {}),), ())


def finished(
    correlations: Mapping[str, Correlation], bases: Mapping[str, Base], alerting: Mapping[str, Meaning | None]
) -> dict[str, Correlation]:
    """`correlations` and the single events that alert, each knowing what others need of it; members come first.

    `alerting` holds the rules that raise alerts, with what they mean.
    """
    order = [*(single(base) for k, base in bases.items() if k in alerting), *correlations.values()]
    done: dict[str, Correlation] = {}
    for one in reversed(order):  # from those that nothing is built on downwards
        identifier = one.about.id
        is_single = one.condition.kind is Kind.EVENT  # what is built on its event is not built on its alerts
        parents = [(p, m) for p in done.values() for m in p.members if m.rule == identifier and not is_single]
        meaning = (alerting[identifier] or NOT_GRADED) if identifier in alerting else None
        group_by = meaning.fields if meaning and is_single else one.group_by
        own = (*group_by, *one.counted, *(meaning.fields if meaning else ()))
        asked = (m.field(name) for p, m in parents for name in p.keeps)
        longest = max((p.condition.retention for p, _ in parents), default=0)
        done[identifier] = replace(
            one,
            condition=replace(one.condition, retention=one.condition.retention + longest),
            group_by=group_by,
            keeps=tuple(dict.fromkeys((*own, *asked))),
            meaning=meaning,
            tellers=(*((identifier,) if meaning else ()), *dict.fromkeys(t for p, _ in parents for t in p.tellers)),
        )
    return dict(reversed(done.items()))
