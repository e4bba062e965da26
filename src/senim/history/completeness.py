"""Closing the ledger against the history: for each epoch of each source, what was accepted and is not there.

Detection accepts each line once and writes it in the ledger; the history keeps each line on its own. So each is the
other's witness: a line that only one of them has is named here. Which lines were taken from the stream and come again,
its writer says (`standing`): what it has not acknowledged is on its way, not missing.

Clauses: R228/81-2 (events that were collected are not lost in silence).
"""

from dataclasses import dataclass
from datetime import datetime

from senim.history.errors import HistoryUnsure
from senim.history.history import History
from senim.history.internal.table import Census
from senim.history.models import Expiry
from senim.history.spans import Span, Spans
from senim.history.standing import Standing
from senim.telemetry import queries as telemetry
from senim.telemetry.queries import Sequence


@dataclass(frozen=True)
class Closing:
    """One epoch of one source."""

    source: str
    epoch: str
    accepted: int
    """Lines that detection accepted."""
    held: int
    """Lines that the history holds."""
    expired: int
    """Lines that left after their time."""
    never_arrived: tuple[Span, ...]
    """Numbers that the ledger itself misses."""
    holes: tuple[Span, ...]
    """Accepted, never left, not held: the history has let them pass."""
    waiting: tuple[Span, ...]
    """Accepted, and above everything held or not acknowledged by the history: they may be on their way."""
    held_until: datetime | None
    """When the newest held line was read."""
    accepted_until: datetime | None
    """When the newest accepted line was read."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing is missing; what is on its way is not."""
        return not self.holes and not self.never_arrived

    @property
    def missing(self) -> int:
        """Lines missing for good, as far as anybody knows."""
        return self.passed_by + sum(last - first + 1 for first, last in self.never_arrived)

    @property
    def passed_by(self) -> int:
        """Lines that were accepted and that the history has let pass."""
        return sum(last - first + 1 for first, last in self.holes)

    @property
    def underway(self) -> int:
        """Lines that may be on their way."""
        return sum(last - first + 1 for first, last in self.waiting)


def closings(history: History) -> list[Closing]:
    """Every epoch of which the ledger or the history knows, by source.

    Raises `HistoryAbsent`, `HistoryUnreadable`, `SearchesBusy`, and `HistoryUnsure` where lines are not there and the
    history's process has not said whether they come.
    """
    # The ledger first: what it accepts while the history is read would look like a hole. What comes again before the
    # history, too: when it is there, the history has it.
    sequences = {(one.source, one.epoch): one for one in telemetry.sequences()}
    expired = _expired()
    told = history.told()
    census = history.census()
    found = [
        _closing(epoch, sequences.get(epoch), census, expired.get(epoch, Spans()), told or Standing())
        for epoch in sorted(sequences.keys() | census.held.keys())
    ]
    if told is None and any(one.holes for one in found):
        raise HistoryUnsure
    return found


def _expired() -> dict[tuple[str, str], Spans]:
    found: dict[tuple[str, str], Spans] = {}
    for source, epoch, first, last in Expiry.objects.values_list("source", "epoch", "first", "last"):
        found.setdefault((source, epoch), Spans()).add(first, last)
    return found


def _closing(epoch: tuple[str, str], known: Sequence | None, census: Census, expired: Spans, told: Standing) -> Closing:
    held = census.held.get(epoch, Spans())
    missing = Spans(known.missing if known else ())
    accepted = Spans([(1, known.last)] if known and known.last else []).without(missing)
    absent = accepted.without(held).without(expired)
    end = told.sure_of(*epoch, max(held.highest, expired.highest))
    waiting = tuple((max(first, end + 1), last) for first, last in absent if last > end)
    return Closing(
        source=epoch[0],
        epoch=epoch[1],
        accepted=len(accepted),
        held=len(held),
        expired=len(expired),
        never_arrived=tuple(missing),
        holes=tuple((first, min(last, end)) for first, last in absent if first <= end),
        waiting=waiting,
        held_until=census.read_until.get(epoch),
        accepted_until=known.read_until if known else None,
    )
