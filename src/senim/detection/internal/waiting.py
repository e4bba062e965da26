"""That something did *not* happen: an event comes true by the absence of others, once it is sure that none comes.

A `without` correlation is built on what happened (its first rule) and on what must have happened before it (the
others: an approval before the transfer). It **comes true at a mark** of the first rule unless a mark of another one of
the same group happened before it, at most `timespan` earlier, and was read at most `wait` later than it. Both ends
belong to the times: what was read exactly `wait` later still answers, what was read a microsecond after that does not.
What stands before it in the same source was before it as well, whatever clock was put back by up to `timespan`; what
stands behind it there and claims to have happened more than `wait` before it did not: a source writes what happens.

This, too, speaks of sets. When it may be decided is the caller's to say: `judge` is told up to when everything that was
read has been taken. What can never be decided any more, because it has to be forgotten or let go, comes true: whoever
floods a group must not make it forget in silence.
"""

from collections.abc import Iterable, Sequence

from senim.detection.internal.correlate import (
    Condition,
    Group,
    Mark,
    Microseconds,
    around,
    forget,
    is_before,
    let_go,
    put,
)

HAPPENED = 0
"""The rule whose events come true by the absence of the others."""


def add(condition: Condition, group: Group, mark: Mark, tellers: Sequence[str] = ()) -> list[Mark]:
    """Put `mark` into `group`; the marks at which it is sure by now that the correlation comes true, in their order."""
    fired = judge(condition, group, mark.read_at)
    forget(condition, group, mark.read_at)
    if put(group, mark):
        for one in _answered(condition, group, mark):
            one.judged = True
        gone = [one for one in let_go(condition, group, tellers) if _waits(one)]
        fired += _came_true(gone)
    return fired


def judge(condition: Condition, group: Group, until: Microseconds) -> list[Mark]:
    """The marks that have waited in vain, everything that was read before `until` having been taken."""
    return _came_true([one for one in group.marks if _waits(one) and one.read_at + condition.wait < until])


def due(condition: Condition, group: Group) -> Microseconds | None:
    """After which moment of reading the next mark is to be judged; None where none waits."""
    return min((one.read_at + condition.wait for one in group.marks if _waits(one)), default=None)


def _waits(mark: Mark) -> bool:
    return mark.member == HAPPENED and not mark.judged


def _came_true(marks: Iterable[Mark]) -> list[Mark]:
    found = list(marks)
    for one in found:
        one.judged = one.came_true = True
    return found


def _answered(condition: Condition, group: Group, mark: Mark) -> list[Mark]:
    """The waiting marks that are no absence any more, now that `mark` is there."""
    near = around(condition, group, mark)
    if mark.member == HAPPENED:
        return [mark] if any(_answers(condition, one, mark) for one in near) else []
    return [one for one in near if _waits(one) and _answers(condition, mark, one)]


def _answers(condition: Condition, other: Mark, mark: Mark) -> bool:
    """Whether `other`, which lies near, is what must have happened before `mark`, and was read in time."""
    in_time = other.read_at <= mark.read_at + condition.wait
    return other.member != HAPPENED and in_time and is_before(other, mark) and not _is_antedated(condition, other, mark)


def _is_antedated(condition: Condition, other: Mark, mark: Mark) -> bool:
    """Whether `other` stands behind `mark` in its source and claims to be older than a writer may lag behind."""
    stands_behind = (other.source, other.epoch) == (mark.source, mark.epoch) and other.seq > mark.seq
    return stands_behind and mark.at - other.at > condition.wait
