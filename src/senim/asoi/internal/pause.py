"""How long to wait before the next try."""

import secrets
from datetime import timedelta
from typing import Protocol

_DOUBLINGS = 30
_random = secrets.SystemRandom()


class Patience(Protocol):
    """Settings that say how long to wait, in seconds."""

    @property
    def retry_first(self) -> float:
        """After a first failure."""

    @property
    def retry_longest(self) -> float:
        """At most."""


def pause_after(tries: int, settings: Patience) -> timedelta:
    """The pause after `tries` failures before this one: doubling up to a cap, half of it left to chance.

    Chance keeps a hundred messages that failed together from coming back together.
    """
    longest = min(settings.retry_longest, settings.retry_first * 2 ** min(tries, _DOUBLINGS))
    return timedelta(seconds=longest * _random.uniform(0.5, 1.0))
