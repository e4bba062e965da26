"""What of an attack no alert has told: the growth of a spell since its last alert (`correlate.is_told`).

While an attack goes on its 1st, 2nd, 4th, 8th … time is told. What came after the last of these is told when the attack
has been quiet for `Correlation.rest_after`: every event is in an alert, and an attack of a million in twenty-one.

Clauses: R228/81-1 (what was detected is told whole).
"""

from msgspec.json import encode

from senim.detection.internal import waiting
from senim.detection.internal.building import Correlation
from senim.detection.internal.correlate import Group, Kind, Mark, Microseconds


def victim(rule: Correlation, mark: Mark) -> str:
    """To whom it happened: target and account, whatever the rule groups by. Who did it makes no other victim.

    An exercise is a victim of its own: what was told of it is not told of a real attack.
    """
    names = (*rule.meaning.targets, rule.meaning.account, rule.meaning.marker) if rule.meaning else ()
    return encode([mark.facts.get(name, "") for name in names if name]).decode()


def of(rule: Correlation, group: Group) -> dict[str, Mark]:
    """Victim → the mark read last at which `rule` came true there and which no alert told; only where there is one."""
    found: dict[str, Mark] = {}
    if rule.meaning is None:
        return found
    for mark in group.marks:
        if mark.noted and rule.about.id not in mark.told:
            who = victim(rule, mark)
            if who not in found or mark.read_at >= found[who].read_at:
                found[who] = mark
    return found


def due(rule: Correlation, group: Group) -> Microseconds | None:
    """After which moment of reading something in `group` is to be judged or told; None where nothing waits."""
    moments = [mark.read_at + rule.rest_after for mark in of(rule, group).values()]
    if rule.condition.kind is Kind.WITHOUT and (judged := waiting.due(rule.condition, group)) is not None:
        moments.append(judged)
    return min(moments, default=None)
