"""The attacks: each on a machine of its own, five refused passwords and an accepted one."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PASSES = 50
"""Of so many machines in a row, those that one attacker goes through."""


@dataclass(frozen=True)
class Attack:
    """One attack on one machine."""

    number: int
    is_shared: bool = False
    """Whether its attacker goes from machine to machine, so that one machine's attack is mixed with another's."""

    @property
    def machine(self) -> str:
        """What is attacked."""
        return f"chaos-{self.number:04d}"

    @property
    def texts(self) -> list[str]:
        """What the server says of it, in this order."""
        who = f"{self._who} port 4242 ssh2"
        return [*[f"Failed password for {who}"] * 5, f"Accepted password for {who}"]

    @property
    def _who(self) -> str:
        if self.is_shared:
            return f"operator from 203.0.113.{self.number // _PASSES + 1}"
        return f"user-{self.number} from 198.51.{100 + self.number // 250}.{self.number % 250 + 1}"


def interleaved(attacks: Sequence[Attack], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Machine and text of every line of `attacks`, shuffled; what is said of one machine stays in its order."""
    turns = [attack for attack in attacks for _text in attack.texts]
    chance.shuffle(turns)
    left = {attack: iter(attack.texts) for attack in attacks}
    for attack in turns:
        yield attack.machine, next(left[attack])
