"""From hits of single rules to alerts: marks in groups, correlations upon correlations, and what an alert says.

No input or output: groups are asked of and handed back to a `Memory`, which the database stands behind.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from msgspec.json import encode

from senim.detection.internal import correlate, unsaid, waiting
from senim.detection.internal.building import SECOND, Correlation
from senim.detection.internal.correlate import MOST_AMOUNT, USUAL_MARKS, Group, Kind, Mark, Microseconds
from senim.detection.internal.own_news import is_own_news
from senim.detection.internal.predicates import Seen, Value
from senim.detection.internal.ruleset import Ruleset
from senim.detection.internal.visible import visible
from senim.telemetry.frames import Frame, Line
from senim.telemetry.parsers import Observed

MOST_LISTED = 100
"""Lines of evidence in one alert: the first half and the last half of them where there are more."""
MOST_TOGETHER = USUAL_MARKS // 2
"""Hits correlated at once. Each is at most one mark for each rule that a correlation is built on."""
_LONGEST_TEXT = 400
_LONGEST_FACT = 512
_HEAVIEST = 10_000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


_Place = tuple[str, str, int]
"""A line: source, epoch, number."""


class Memory(Protocol):
    """Where groups are between two frames."""

    def prefetch(self, rule: Correlation, keys: Collection[str]) -> None:
        """Make ready the groups `keys` of `rule`."""

    def group(self, rule: Correlation, key: str) -> Group:
        """The group `key` of `rule`, a new one where there is none; what is changed in it is kept."""

    def due(self, until: Microseconds) -> Mapping[str, Collection[str]]:
        """Rule → its groups in which something waits (`unsaid.due`) that is due when all before `until` was read."""


@dataclass(frozen=True)
class Hit:
    """An event that a rule of single events fits."""

    rule: str
    source: str
    epoch: str
    line: Line
    seen: Observed


@dataclass(frozen=True)
class Telling:
    """An alert to be raised."""

    rule: Correlation
    facts: Mapping[str, str]
    """Fields of the event at which the correlation came true."""
    source: str
    count: int
    """Events that no earlier alert of this rule counted."""
    explanation: dict[str, object]
    evidence: list[Mark]


@dataclass
class _True:
    """A correlation came true at a mark of a group."""

    rule: Correlation
    key: str
    group: Group
    mark: Mark


@dataclass
class Engine:
    """Carries out a set of rules."""

    rules: Ruleset
    _parents: dict[str, list[tuple[Correlation, int]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules.correlations.values():
            for number, member in enumerate(rule.members):
                self._parents.setdefault(self._slot(rule, member.rule), []).append((rule, number))

    def _slot(self, rule: Correlation, member: str) -> str:
        """Where news of `member` is posted: an event's own identifier, or `coming true of` a correlation."""
        is_event = member in self.rules.bases
        return member if is_event or rule.condition.kind is Kind.EVENT else f"true:{member}"

    def hits(self, frame: Frame, line: Line, seen: Observed) -> list[Hit]:
        """The rules of single events that `line` fits; only those for its kind of telemetry are tried."""
        if is_own_news(seen.fields.get("tag")):
            return []
        event = Seen(seen.fields, seen.text)
        return [
            Hit(base.about.id, frame.source, frame.epoch, line, seen)
            for base in self.rules.by_kind.get(frame.kind, ())
            if base.test(event)
        ]

    def take(self, hits: Collection[Hit], memory: Memory) -> list[Telling]:
        """Let `hits` be correlated; the alerts to raise.

        In the order in which they happened, and never so many at once that a group lets go what came with them: what is
        told is told with all its events, however much was read together.
        """
        ordered = sorted(hits, key=_happened)
        parts = (ordered[first : first + MOST_TOGETHER] for first in range(0, len(ordered), MOST_TOGETHER))
        return [telling for part in parts for telling in self._take(part, memory)]

    def judge(self, until: Microseconds, memory: Memory) -> list[Telling]:
        """The alerts of what has waited in vain, everything that was read before `until` having been taken.

        And of what no alert told of attacks that have been quiet since.
        """
        return self._take((), memory, until)

    def _take(self, hits: Collection[Hit], memory: Memory, until: Microseconds = 0) -> list[Telling]:
        """The alerts of a few hits, and of what is due before `until`, in the order of rules and events."""
        posted: dict[str, list[tuple[str, Mark]]] = {}
        due = memory.due(until) if until else {}
        for hit in hits:
            for rule, member in self._parents.get(hit.rule, ()):
                self._post(posted, rule, _of_event(rule, member, hit))
        found: list[_True] = []
        for rule in self.rules.correlations.values():  # members come first
            waited = self._waited(rule, due.get(rule.about.id, ()), memory, until)
            for true in (*waited, *self._true(rule, posted.pop(rule.about.id, []), memory)):
                found.append(true)
                for parent, member in self._parents.get(f"true:{rule.about.id}", ()):
                    self._post(posted, parent, _of_correlation(parent, member, true.key, true.mark))
        tellings = [telling for one in found if one.rule.meaning for telling in self._tell(one, memory)]
        for rule in self.rules.correlations.values():
            tellings += self._tell_rest(rule, due.get(rule.about.id, ()), memory, until)
        return tellings

    def _waited(self, rule: Correlation, due: Collection[str], memory: Memory, until: Microseconds) -> Iterator[_True]:
        """Where `rule` comes true because what was due before `until` did not come."""
        if rule.condition.kind is not Kind.WITHOUT:
            return
        memory.prefetch(rule, due)
        for key in due:
            group = memory.group(rule, key)
            yield from (_True(rule, key, group, mark) for mark in waiting.judge(rule.condition, group, until))

    def _true(self, rule: Correlation, marks: Collection[tuple[str, Mark]], memory: Memory) -> Iterator[_True]:
        """Where `rule` comes true by `marks`."""
        does_wait = rule.condition.kind is Kind.WITHOUT
        memory.prefetch(rule, {key for key, _ in marks})
        add = waiting.add if does_wait else correlate.add
        for key, mark in marks:
            group = memory.group(rule, key)
            if does_wait:
                group.key = key
            yield from (_True(rule, key, group, true) for true in add(rule.condition, group, mark, rule.tellers))

    def _post(self, posted: dict[str, list[tuple[str, Mark]]], rule: Correlation, mark: Mark) -> None:
        """Put `mark` into the group that its facts name. An event without one of the group's fields is in no group."""
        if rule.condition.kind is Kind.EVENT:
            values = [mark.facts.get(name, "") for name in rule.group_by]
        elif all(name in mark.facts for name in (*rule.group_by, *rule.counted)):
            values = [mark.facts[name] for name in rule.group_by]
        else:
            return
        key = hashlib.sha256(encode(values)).hexdigest()
        posted.setdefault(rule.about.id, []).append((key, mark))

    def _tell(self, true: _True, memory: Memory) -> Iterator[Telling]:
        """The alert of `true`, where its spell has grown enough; else it waits to be told with what comes."""
        whom = unsaid.victim(true.rule, true.mark)
        if not correlate.is_told(true.rule.condition, true.group, true.mark, whom):
            true.group.key = true.key
            return
        telling = self._telling(true, whom, memory)
        # Late lines make an attack come true again and again by events that were told of already: that is no growth.
        if telling.count or correlate.spell_of(true.group, true.mark, whom).times == 1:
            yield telling

    def _tell_rest(
        self, rule: Correlation, due: Collection[str], memory: Memory, until: Microseconds
    ) -> Iterator[Telling]:
        """The alerts of what nobody told in the groups `due`, where it was quiet since."""
        for key in due:
            group = memory.group(rule, key)
            for whom, mark in unsaid.of(rule, group).items():
                if mark.read_at + rule.rest_after < until:
                    telling = self._telling(_True(rule, key, group, mark), whom, memory)
                    if telling.count:
                        yield telling

    def _telling(self, true: _True, whom: str, memory: Memory) -> Telling:
        rule, teller = true.rule, true.rule.about.id
        because, events, let_go = self._because(rule, true.key, true.mark, teller, memory)
        for passed_over in _untold(true, whom):
            if passed_over is true.mark:
                continue
            _, more, gone = self._because(rule, true.key, passed_over, teller, memory)
            events = {**more, **events}
            let_go += gone
        fresh = [mark for mark in events.values() if teller not in mark.told and not mark.inner]
        for mark in fresh:
            mark.told = (*mark.told, teller)
        for mark in _untold(true, whom):  # those of other correlations: events have been marked just now
            mark.told = (*mark.told, teller)
        listed = sorted(events.values(), key=lambda mark: mark.order)
        spell = correlate.spell_of(true.group, true.mark, whom)
        explanation = {
            "version": 1,
            "group": {name: true.mark.facts.get(name, "") for name in rule.group_by},
            "because": because,
            "spell": {"times": spell.times, "since": iso(spell.began_at)},
            "events": {"all": len(listed), "listed": min(len(listed), MOST_LISTED), "let_go": let_go},
        }
        count = sum(mark.weight for mark in fresh) + let_go
        return Telling(rule, true.mark.facts, true.mark.source, count, explanation, _shortened(listed))

    def _because(
        self, rule: Correlation, key: str, mark: Mark, teller: str, memory: Memory
    ) -> tuple[dict[str, object], dict[_Place, Mark], int]:
        """Why `rule` came true at `mark`: the reason with its figures; the events; how many were let go uncounted."""
        group = memory.group(rule, key)
        found = correlate.window(rule.condition, group, mark) or [mark]
        let_go = group.let_go_untold.pop(teller, 0)
        events: dict[_Place, Mark] = {}
        parts: list[dict[str, object]] = []
        for one in found:
            if not one.inner:
                events.setdefault(one.line, one)
                continue
            child = self.rules.correlations[rule.members[one.member].rule]
            inner = self._mark_of(child, one, memory)
            if inner is None:  # a flood has pushed it out: its last line is all that is left, and counted as let go
                events.setdefault(one.line, one)
                let_go += memory.group(child, one.inner).let_go_untold.pop(teller, 0)
                continue
            reason, below, gone = self._because(child, one.inner, inner, teller, memory)
            parts.append(reason)
            events.update(below)
            let_go += gone
        return self._reason(rule, found, parts), events, let_go

    def _mark_of(self, child: Correlation, mark: Mark, memory: Memory) -> Mark | None:
        """The mark at which `child` came true, as its own group remembers it."""
        group = memory.group(child, mark.inner)
        return next((m for m in group.marks if m.at == mark.at and m.line == mark.line), None)

    def _reason(self, rule: Correlation, found: list[Mark], parts: list[dict[str, object]]) -> dict[str, object]:
        bases = [m.rule for m in rule.members if m.rule in self.rules.bases]
        return {
            "rule": {"id": rule.about.id, "title": rule.about.title, "file": f"{rule.about.file}:{rule.about.line}"},
            "asks": {
                "type": rule.condition.kind.value,
                "least": rule.condition.least,
                "timespan_s": rule.condition.timespan // SECOND,
                "fields": list(rule.counted),
                **({"wait_s": rule.condition.wait // SECOND} if rule.condition.wait else {}),
            },
            "found": correlate.amount(rule.condition, found),
            "window": {"from": iso(found[0].at), "until": iso(found[-1].at)},
            "events": [
                {"title": self.rules.bases[b].about.title, "condition": self.rules.bases[b].asks} for b in bases
            ],
            "built_on": parts,
        }


def _untold(true: _True, whom: str) -> list[Mark]:
    """Where it came true for this victim since it was told last: the spell grew, and no alert was due before."""
    teller = true.rule.about.id
    noted = [mark for mark in true.group.marks if mark.noted and teller not in mark.told]
    return [mark for mark in noted if unsaid.victim(true.rule, mark) == whom]


def iso(at: Microseconds) -> str:
    """A moment of a mark as text: RFC 3339, UTC, microseconds."""
    return moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(at: Microseconds) -> datetime:
    """A moment of a mark."""
    return _BEGINNING + timedelta(microseconds=at)


def microseconds(at: datetime) -> Microseconds:
    """`at` as marks have it, exactly."""
    return (at - _BEGINNING) // timedelta(microseconds=1)


def _happened(hit: Hit) -> tuple[datetime, str, str, int]:
    return (hit.seen.at, hit.source, hit.epoch, hit.line.seq)


def _of_event(rule: Correlation, member: int, hit: Hit) -> Mark:
    fields = hit.seen.fields
    names = rule.members[member]
    facts = {name: _fact(fields[own]) for name in rule.keeps if (own := names.field(name)) in fields}
    is_counted = rule.condition.kind in (Kind.EVENT, Kind.EVENT_COUNT, Kind.VALUE_COUNT, Kind.VALUE_SUM)
    weight = _weight(fields.get("repeated"))
    return Mark(
        at=microseconds(hit.seen.at),
        source=hit.source,
        epoch=hit.epoch,
        seq=hit.line.seq,
        # An event that fits two rules of one count is one event.
        member=0 if is_counted else member,
        read_at=int(hit.line.read_at * SECOND),
        facts=facts,
        value=_counted(rule, facts),
        weight=weight,
        amount=_amount(rule, facts, weight),
        sha256=hashlib.sha256(hit.line.data).hexdigest(),
        text=hit.seen.text if len(hit.seen.text) <= _LONGEST_TEXT else hit.seen.text[:_LONGEST_TEXT] + "…",
    )


def _of_correlation(rule: Correlation, member: int, key: str, true: Mark) -> Mark:
    names = rule.members[member]
    facts = {name: true.facts[own] for name in rule.keeps if (own := names.field(name)) in true.facts}
    return Mark(
        at=true.at,
        source=true.source,
        epoch=true.epoch,
        seq=true.seq,
        member=member,
        read_at=true.read_at,
        facts=facts,
        value=_counted(rule, facts),
        amount=_amount(rule, facts),
        inner=key,
        sha256=true.sha256,
        text=true.text,
    )


def _counted(rule: Correlation, facts: Mapping[str, str]) -> str:
    """What `value_count` counts of an event: the values of all its fields, kept apart."""
    return encode([facts.get(name, "") for name in rule.counted]).decode() if rule.counted else ""


def _amount(rule: Correlation, facts: Mapping[str, str], weight: int = 1) -> int:
    """What `value_sum` adds up of an event: a whole number; anything else, and what lies below zero, is nothing."""
    text = facts.get(rule.counted[0], "") if rule.condition.kind is Kind.VALUE_SUM else ""
    if not (text.isascii() and text.isdigit()):
        return 0
    return MOST_AMOUNT if len(text) > len(str(MOST_AMOUNT)) else min(int(text) * weight, MOST_AMOUNT)


def _weight(repeated: Value | None) -> int:
    """`message repeated 3 times` stands for three events."""
    return min(repeated, _HEAVIEST) if isinstance(repeated, int) and repeated > 1 else 1


def _fact(value: Value) -> str:
    """A field's value as facts have it: at most `_LONGEST_FACT` characters, and still telling long ones apart."""
    text = visible(str(value).lower() if isinstance(value, bool) else str(value))
    if len(text) <= _LONGEST_FACT:
        return text
    return f"{text[: _LONGEST_FACT - 80]}… sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _shortened(events: list[Mark]) -> list[Mark]:
    half = MOST_LISTED // 2
    return events if len(events) <= MOST_LISTED else [*events[:half], *events[-half:]]
