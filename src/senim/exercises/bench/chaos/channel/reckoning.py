"""What became of the messages of one scenario, by both ends: what the regulator has, and how our tries ended."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, LiteralString

from senim.exercises.bench.chaos.channel.outbox import Told
from senim.exercises.bench.chaos.channel.scene import Scene
from senim.exercises.bench.chaos.outcome import ChannelOutcome
from senim.exercises.bench.chaos.reckoning import Told as Arrived

_TRIES: LiteralString = """
SELECT outcome, split_part(detail, ' ', 1), count(*) FROM asoi_attempt WHERE message_id = ANY(%s::uuid[]) GROUP BY 1, 2
"""
_WITHOUT: LiteralString = """
SELECT m.id FROM asoi_message m LEFT JOIN asoi_receipt r ON r.message_id = m.id
WHERE m.id = ANY(%s::uuid[]) AND (r.message_id IS NULL OR m.state <> 'delivered')
"""
_REFUSED, _CODE = "receipt-refused", "asoi:"
Tries = dict[tuple[str, str], int]
"""How many tries ended with this outcome and this first word of its detail."""


@dataclass(frozen=True)
class Ends:
    """What both ends know of the messages of one scenario."""

    told: list[Told]
    received: list[dict[str, Any]]
    """What the regulator has, in the order of arrival; of other messages too."""
    without: set[str]
    """Those that have no receipt with us."""
    tries: Tries

    @classmethod
    def of(cls, scene: Scene, told: list[Told]) -> "Ends":
        """Ask both ends."""
        mine = [one.id for one in told]
        without = {str(pk) for (pk,) in scene.outbox.asked(_WITHOUT, mine)}
        tries = {(str(how), str(word)): int(n) for how, word, n in scene.outbox.asked(_TRIES, mine)}
        return cls(told, scene.received(), without, tries)


def outcome(name: str, ends: Ends, *, happened: bool) -> ChannelOutcome:
    """How the scenario `name` ended."""
    mine, abouts = {one.id for one in ends.told}, {one.about for one in ends.told}
    arrived = [one for one in ends.received if one["about"] in abouts]
    lost = len((mine - {one["id"] for one in arrived}) | ends.without)
    doubled = Arrived(arrived).doubled_numbers + sum(one["conflicts"] for one in arrived)
    late, unnamed = Arrived(arrived).out_of_order, nameless(ends.tries)
    return ChannelOutcome(
        name=name,
        # R228/81: guaranteed delivery: each message once, in its turn, and nothing is refused without a name.
        ok=happened and (lost, doubled, late, unnamed) == (0, 0, 0, 0),
        messages=len(mine),
        lost=lost,
        doubled=doubled,
        out_of_order=late,
        unnamed=unnamed,
        refusals=dict(sorted(refusals(ends.tries).items())),
    )


def nameless(tries: Tries) -> int:
    """How many of `tries` ended without a name."""
    return sum(n for (how, word), n in tries.items() if not how or (how == _REFUSED and not word.startswith(_CODE)))


def refusals(tries: Tries) -> Counter[str]:
    """How those of `tries` ended that brought no receipt."""
    found: Counter[str] = Counter()
    for (how, word), n in tries.items():
        if how != "delivered":
            found[word if how == _REFUSED else how] += n
    return found
