"""Outages as a definition over samples: in whichever order and however often they arrive, the same outages follow.

An outage begins at the first sample that failed after one that did not, and ends at the first good sample. Where the
service fails again within `Pace.calm` of that, it had not come back: it is one outage, counted through. Where nobody
sampled for longer than `Pace.silence`, nothing is known of that time:

- failed before and failed after: nothing shows that it had come back, so the outage goes on, and `unseen` tells how
  much of it nobody saw;
- failed before and good after: it came back at an unknown moment. Certain is only what was seen (`seen_until`), and
  possible is all of it (`ended_at`).

Why these readings: `docs/decisions/0012-downtime.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_NONE = timedelta()


@dataclass(frozen=True)
class Verdict:
    """One sample: at this moment the service answered, or did not."""

    at: datetime
    is_up: bool

    @property
    def order(self) -> tuple[datetime, bool]:
        """Its place. Of two at the same moment the failed one has the last word."""
        return self.at, not self.is_up


@dataclass(frozen=True)
class Pace:
    """What counts as silence, and what as being back."""

    silence: timedelta
    calm: timedelta


@dataclass(frozen=True)
class Spell:
    """One outage."""

    began_at: datetime
    last_down_at: datetime
    downs: int = 1
    """Failed samples."""
    returns: int = 0
    """How often it answered and failed again before it was back."""
    unseen: timedelta = _NONE
    """How much of it nobody saw."""
    ended_at: datetime | None = None
    ended_unseen: bool = False
    """Whether it ended while nobody looked."""

    @property
    def seen_until(self) -> datetime:
        """Until when it certainly lasted."""
        return self.last_down_at if self.ended_at is None or self.ended_unseen else self.ended_at

    def holds(self, at: datetime, calm: timedelta) -> bool:
        """Whether a sample that fails at `at` belongs to it: it has not ended, or not for long enough."""
        return self.ended_at is None or at - self.ended_at <= calm

    def fails_again(self, at: datetime, gap: timedelta) -> "Spell":
        """It, after another failed sample; `gap` is the silence just before that."""
        came_back = self.ended_at is not None
        hidden = self.ended_at - self.last_down_at if self.ended_at and self.ended_unseen else _NONE
        return replace(
            self,
            last_down_at=at,
            downs=self.downs + 1,
            returns=self.returns + came_back,
            unseen=self.unseen + hidden + gap,
            ended_at=None,
            ended_unseen=False,
        )


def spells(
    verdicts: Iterable[Verdict], pace: Pace, *, last: Spell | None = None, before: datetime | None = None
) -> list[Spell]:
    """The outages that `verdicts`, in their order, make; goes on from the outage `last` and the sample at `before`."""
    found = [] if last is None else [last]
    for verdict in verdicts:
        gap = _NONE if before is None or verdict.at - before <= pace.silence else verdict.at - before
        before = verdict.at
        newest = found[-1] if found else None
        if verdict.is_up:
            if newest is not None and newest.ended_at is None:
                found[-1] = replace(newest, ended_at=verdict.at, ended_unseen=bool(gap))
        elif newest is not None and newest.holds(verdict.at, pace.calm):
            found[-1] = newest.fails_again(verdict.at, gap)
        else:
            found.append(Spell(verdict.at, verdict.at))
    return found
