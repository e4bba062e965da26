"""Correlation on the time at which events happened: the rules of counting, without any input or output.

A *mark* is an event (or the coming true of another correlation) in a *group*: one correlation and one set of values of
its group-by fields. A correlation **comes true at a mark** if the window that ends there fulfils its condition:

- the window of a mark holds the marks of its group that happened from `timespan` before it up to itself. Both ends
  belong to it: what happened exactly `timespan` earlier counts, what happened a microsecond before that does not;
- `event_count`: at least N events; `value_count`: at least N different values; `value_sum`: values that add up to N;
  `temporal`: at least N of the rules;
- `temporal_ordered`: marks of all rules in their order, the last of them the mark itself. One was before another by its
  moment, or because it stands before it in the same source: a clock put back by up to `timespan` hides nothing. Where
  two sources give the same moment, either may have been first;
- `without`: the mark itself and none of the other rules. That needs waiting, and stands in `waiting`.

This speaks of sets, not of arrival: whatever the order in which marks arrive, the same ones come true, each once. A
mark is known by its line (source, epoch, seq) and counts once however often it is delivered.

A group remembers a mark until one arrives that was *read* more than `retention` later, so that neither late lines nor a
false clock in a line make it blind, and never more than its share (`Condition.share`): of what it has most of, those
that came first are let go, counted. What is let go of a sum is carried on by the mark that happened next, if a window
can hold both: no sum is told smaller than it is, and where a window has more than the share its sum may take in what
happened shortly before.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

MOST_MARKS = 256
"""In one group. A condition that asks for more can never come true and is refused when it is loaded."""

USUAL_MARKS = 128
"""In one group of a condition that is content with fewer: what a flood from many addresses costs grows with it."""

_TIMES_LEAST = 4
"""How many times what a condition asks for a group remembers, so that lines that come late still find theirs."""

MOST_AMOUNT = 2**62
"""What a sum is counted up to: more is as much."""

MOST_VICTIMS = 256
"""Of one group, whose spells are remembered."""

Microseconds = int


class Kind(StrEnum):
    """What a correlation asks of its window."""

    EVENT = "event"
    """One event suffices: how a rule without correlation is handled."""
    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"
    VALUE_SUM = "value_sum"
    WITHOUT = "without"
    """The first of its rules, and none of the others before it."""


@dataclass(frozen=True)
class Condition:
    """What must be found within one window."""

    kind: Kind
    timespan: Microseconds
    least: int
    """Events, different values, a sum of values or different rules, as `kind` says."""
    retention: Microseconds
    """How long a mark is remembered, by the time of reading."""
    members: int = 1
    """How many rules it refers to."""
    wait: Microseconds = 0
    """Of `without`: how much later the others may be read and still be there."""

    @property
    def share(self) -> int:
        """Marks that one group remembers. What decides a sum, or must be answered, is never fewer than can be."""
        if self.kind in (Kind.VALUE_SUM, Kind.WITHOUT):
            return MOST_MARKS
        return min(max(USUAL_MARKS, _TIMES_LEAST * self.least), MOST_MARKS)


class Mark(msgspec.Struct, array_like=True):
    """One event, or one coming true of another correlation, in a group."""

    at: Microseconds
    """When it happened."""
    source: str
    epoch: str
    seq: int
    member: int
    """Which of the rules that the correlation refers to."""
    read_at: Microseconds
    facts: dict[str, str]
    """What the correlation, those built on it and their alerts ask of it: name to value."""
    value: str = ""
    """What `value_count` counts."""
    weight: int = 1
    """How many events it stands for (`message repeated 3 times`)."""
    inner: str = ""
    """The group in which the other correlation came true; empty for an event."""
    sha256: str = ""
    """Of the line, as of its text below: where another correlation came true, of the line at which it did."""
    text: str = ""
    came_true: bool = False
    noted: bool = False
    """Whether `is_told` has heard that it came true here."""
    told: tuple[str, ...] = ()
    """The rules in whose alerts this event was counted."""
    arrival: int = 0
    """The how-manieth of its group it was."""
    amount: int = 0
    """What `value_sum` adds up: its own value, and those of earlier marks that were let go. Never below zero."""
    judged: bool = False
    """Of `without`: whether it has been decided that it came true here, or did not."""

    @property
    def order(self) -> tuple[int, str, str, int, int]:
        """Its place in its group, and its identity."""
        return (self.at, self.source, self.epoch, self.seq, self.member)

    @property
    def line(self) -> tuple[str, str, int]:
        """The line it comes from."""
        return (self.source, self.epoch, self.seq)


class Spell(msgspec.Struct, array_like=True):
    """A correlation that keeps coming true: each time at most one timespan away from the last."""

    began_at: Microseconds
    last_at: Microseconds
    times: int = 1


class Group(msgspec.Struct, array_like=True):
    """What is remembered of one correlation for one set of values."""

    marks: list[Mark] = []
    spells: dict[str, Spell] = {}
    """Victim → the spell that goes on there, or went on last; the one that grew last stands last."""
    arrivals: int = 0
    """Marks that came so far."""
    let_go: int = 0
    """Marks let go because there were too many."""
    let_go_untold: dict[str, int] = {}
    """Of those, events that no alert of a rule had counted: rule to number. The next alert counts them."""
    oldest_read: Microseconds = 0
    """No mark was read before: there is nothing to forget until then."""
    key: str = ""
    """Where something waits in it: what it is called in its rule, so that it is found when its time has come."""


def add(condition: Condition, group: Group, mark: Mark, tellers: Sequence[str] = ()) -> list[Mark]:
    """Put `mark` into `group`; the marks at which the correlation comes true now and had not before, in their order.

    `tellers` are the rules whose alerts count the events of this group.
    """
    forget(condition, group, mark.read_at)
    if not put(group, mark):
        return []
    does_order = condition.kind is Kind.TEMPORAL_ORDERED
    near = around(condition, group, mark) if does_order else since(condition, group, mark)
    fired = [m for m in near if not m.came_true and window(condition, group, m)]
    for one in fired:
        one.came_true = True
    let_go(condition, group, tellers)
    return fired


def put(group: Group, mark: Mark) -> bool:
    """Put `mark` in its place among those of `group`; whether it was not there before."""
    marks = group.marks
    place = bisect_left(marks, mark.order, key=_order)
    if place < len(marks) and marks[place].order == mark.order:
        return False
    group.arrivals += 1
    mark.arrival = group.arrivals
    marks.insert(place, mark)
    return True


def window(condition: Condition, group: Group, mark: Mark) -> list[Mark]:
    """The marks by which the correlation comes true at `mark`; none where it does not."""
    if condition.kind is Kind.WITHOUT:
        return [mark] if mark.came_true else []
    if condition.kind is Kind.TEMPORAL_ORDERED:
        is_last = mark.member == condition.members - 1
        return _in_order(condition.members, around(condition, group, mark), mark) if is_last else []
    marks = group.marks
    first = bisect_left(marks, mark.at - condition.timespan, key=_moment)
    found = marks[first : bisect_right(marks, mark.order, key=_order)]
    is_many = condition.kind is Kind.EVENT_COUNT and len(found) >= condition.least  # each mark is one event or more
    return found if is_many or amount(condition, found) >= condition.least else []


def since(condition: Condition, group: Group, mark: Mark) -> list[Mark]:
    """The marks of `group` whose windows hold the moment of `mark`."""
    return _between(group, mark.at, mark.at + condition.timespan)


def around(condition: Condition, group: Group, mark: Mark) -> list[Mark]:
    """The marks of `group` at most a timespan away from `mark`, on either side."""
    return _between(group, mark.at - condition.timespan, mark.at + condition.timespan)


def _between(group: Group, first: Microseconds, last: Microseconds) -> list[Mark]:
    marks = group.marks
    return marks[bisect_left(marks, first, key=_moment) : bisect_right(marks, last, key=_moment)]


def amount(condition: Condition, found: Sequence[Mark]) -> int:
    """How much of what the condition asks for `found` holds: what `least` is compared with."""
    if condition.kind is Kind.VALUE_COUNT:
        return len({mark.value for mark in found})
    if condition.kind in (Kind.TEMPORAL, Kind.TEMPORAL_ORDERED):
        return len({mark.member for mark in found})
    if condition.kind is Kind.VALUE_SUM:
        return sum(mark.amount for mark in found)
    if condition.kind is Kind.WITHOUT:
        return 0  # of those that should have been there
    return sum(mark.weight for mark in found)


def _in_order(members: int, marks: Sequence[Mark], last: Mark) -> list[Mark]:
    """One mark of member 0, 1, … up to `last`, each before the next; none where there is no such row."""
    layers = [[last]]
    for member in range(members - 2, -1, -1):
        after = layers[-1]
        layers.append([m for m in marks if m.member == member and any(is_before(m, later) for later in after)])
    if not layers[-1]:
        return []
    row = [layers[-1][-1]]
    for layer in layers[-2::-1]:
        row.append(next(mark for mark in reversed(layer) if is_before(row[-1], mark)))
    return row


def is_before(one: Mark, other: Mark) -> bool:
    """Whether `one`, which lies near, happened before `other`, or may have."""
    if (one.source, one.epoch) == (other.source, other.epoch) and one.at >= other.at:
        return one.seq < other.seq
    return one.at <= other.at


def forget(condition: Condition, group: Group, read_at: Microseconds) -> None:
    """Forget what was read more than the retention before `read_at`."""
    bound = read_at - condition.retention
    if group.oldest_read < bound:
        group.marks = [mark for mark in group.marks if mark.read_at >= bound]
        group.oldest_read = min((mark.read_at for mark in group.marks), default=read_at)
    group.oldest_read = min(group.oldest_read, read_at)


def let_go(condition: Condition, group: Group, tellers: Sequence[str]) -> list[Mark]:
    """Let go, counted, of the marks that `group` holds beyond its share; which they were."""
    gone = []
    while len(group.marks) > condition.share:
        place = 0 if condition.kind is Kind.VALUE_SUM else _least_needed(group.marks)
        mark = group.marks.pop(place)
        following = group.marks[0]
        if condition.kind is Kind.VALUE_SUM and following.at <= mark.at + condition.timespan:
            following.amount = min(following.amount + mark.amount, MOST_AMOUNT)
        _count(group, mark, tellers)
        gone.append(mark)
    return gone


def _least_needed(marks: Sequence[Mark]) -> int:
    """Which mark goes where there are too many: of the rule and the value that have the most, the one that came first.

    Not the one that happened first: a line that comes late must still find what belongs to it. And no rule's many marks
    push out the few of another, without which nothing would come true any more; nor those of one value the others that
    are counted with it: who tries one account a hundred times between any two hides no row of accounts.
    """
    crowds = Counter((mark.member, mark.value) for mark in marks)
    most = max(crowds.values())
    crowded = (index for index, mark in enumerate(marks) if crowds[mark.member, mark.value] == most)
    return min(crowded, key=lambda index: marks[index].arrival)


def _count(group: Group, mark: Mark, tellers: Sequence[str]) -> None:
    group.let_go += 1
    for rule in tellers:
        if not mark.inner and rule not in mark.told:
            group.let_go_untold[rule] = group.let_go_untold.get(rule, 0) + mark.weight


def is_told(condition: Condition, group: Group, mark: Mark, victim: str) -> bool:
    """Note that the correlation came true at `mark`; whether that is worth an alert.

    An attack on one victim that goes on is one *spell*: each time lies at most `timespan` from the one before. The
    first time of a spell is told, then the 2nd, 4th, 8th, …: what grows is reported again while it grows, a flood of a
    million events in twenty alerts, and nobody can bury an alert under its own repetition. Another victim is another
    spell: what happens to one machine never keeps silent about the next. Beyond `MOST_VICTIMS` the spell that grew
    longest ago is forgotten: its victim is told of again, never passed over.
    """
    mark.noted = True
    spell = group.spells.pop(victim, None)
    if spell is None or not _goes_on(condition, spell, mark.at):
        if len(group.spells) >= MOST_VICTIMS:
            del group.spells[next(iter(group.spells))]
        group.spells[victim] = Spell(mark.at, mark.at)
        return True
    group.spells[victim] = spell
    spell.times += 1
    spell.began_at = min(spell.began_at, mark.at)
    spell.last_at = max(spell.last_at, mark.at)
    return spell.times & (spell.times - 1) == 0


def spell_of(group: Group, mark: Mark, victim: str) -> Spell:
    """The spell that `mark` was noted in."""
    return group.spells.get(victim) or Spell(mark.at, mark.at)


def _goes_on(condition: Condition, spell: Spell, at: Microseconds) -> bool:
    return spell.began_at - condition.timespan <= at <= spell.last_at + condition.timespan


def _order(mark: Mark) -> tuple[int, str, str, int, int]:
    return mark.order


def _moment(mark: Mark) -> Microseconds:
    return mark.at
