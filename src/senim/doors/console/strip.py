"""How a service did, as a strip drawn on the server: SVG without styles; the table behind it stands on the page.

Height tells what colour tells: down reaches to the top, up stays below it, and where nothing is known there is a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from senim.availability.health import Health
from senim.availability.queries import Stretch

WIDTH, HEIGHT = 480, 28
_TOPS = {Health.DOWN: 0, Health.UP: 8, Health.UNKNOWN: HEIGHT - 3}


@dataclass(frozen=True)
class Run:
    """Neighbouring stretches in which the same can be said of the service."""

    health: Health
    since: datetime
    until: datetime
    ups: int
    downs: int
    x: float
    width: float

    @property
    def y(self) -> int:
        """Where its rectangle begins."""
        return _TOPS[self.health]

    @property
    def height(self) -> int:
        """How far it reaches."""
        return HEIGHT - self.y


@dataclass(frozen=True)
class Strip:
    """Everything that a template needs to draw."""

    runs: list[Run]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def down(self) -> timedelta:
        """How long the stretches are in which a sample failed."""
        return sum((run.until - run.since for run in self.runs if run.health is Health.DOWN), timedelta())

    @property
    def unknown(self) -> timedelta:
        """How long nothing is known."""
        return sum((run.until - run.since for run in self.runs if run.health is Health.UNKNOWN), timedelta())


def strip(stretches: Sequence[Stretch]) -> Strip:
    """`stretches`, oldest first, as runs."""
    step = WIDTH / max(len(stretches), 1)
    runs, x = [], 0.0
    for health, group in groupby(stretches, key=lambda stretch: stretch.health):
        alike = list(group)
        since, until = alike[0].begins_at, alike[-1].begins_at + alike[-1].lasts
        ups, downs = sum(each.ups for each in alike), sum(each.downs for each in alike)
        runs.append(Run(health, since, until, ups, downs, round(x, 2), round(step * len(alike), 2)))
        x += step * len(alike)
    return Strip(runs)
