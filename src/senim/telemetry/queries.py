"""Reads of the ledger for other rooms: what stands of each source.

However many sources there are, and however much the ledger holds of each, a question costs the same number of queries.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, Max, Q, QuerySet, Sum

from senim.telemetry.ledger import seen_of_gap
from senim.telemetry.models import Gap, Ledger, Notice
from senim.telemetry.notices import CONDITIONS, LOSSES, NoticeKind


@dataclass
class SourceState:
    """How one source stands, all epochs together."""

    source: str
    condition: NoticeKind | None = None
    """What the collector said last; None where it never has."""
    since: datetime | None = None
    """Since when that holds."""
    read_until: datetime | None = None
    """Up to when it was read and what was read has come through stream and detection."""
    last_line_at: datetime | None = None
    """When the newest accepted line was read; None where none ever was."""
    lines: int = 0
    """Accepted in all epochs."""
    missing: int = 0
    """Numbered and published, or meant to be, but never arrived."""
    flaws: Counter[str] = field(default_factory=Counter)
    bytes_cut: int = 0
    formless: int = 0
    """How strange its newest lines are (`parsers.form.strangeness`)."""
    formless_since: datetime | None = None
    losses: int = 0
    """How often lines may have been lost before they had a number (see `losses`)."""
    last_loss: NoticeKind | None = None
    last_loss_at: datetime | None = None
    unseen: int = 0
    """Losses, gaps among them, that no person has looked at."""


def sources(names: Collection[str] | None = None) -> list[SourceState]:
    """Every source that ever spoke or was spoken of, by name; of those in `names` where they are given."""
    found: dict[str, SourceState] = {}
    for fill in (_count_lines, _stand, _count_losses, _count_gaps):
        fill(found, names)
    return [found[name] for name in sorted(found)]


def source_state(source: str) -> SourceState:
    """How `source` stands; empty where it never spoke."""
    return next(iter(sources([source])), SourceState(source))


def _of(found: dict[str, SourceState], name: str) -> SourceState:
    return found.setdefault(name, SourceState(name))


def _only(names: Collection[str] | None, word: str = "source") -> Q:
    return Q() if names is None else Q(**{f"{word}__in": names})


def _count_lines(found: dict[str, SourceState], names: Collection[str] | None) -> None:
    for ledger in Ledger.objects.filter(_only(names)):
        state = _of(found, ledger.source)
        state.lines += ledger.lines
        state.bytes_cut += ledger.bytes_cut
        state.flaws.update(ledger.flaws)
        state.formless, state.formless_since = ledger.formless, ledger.formless_since  # the newest epoch comes last
        state.last_line_at = _later(state.last_line_at, ledger.last_line_at)
        state.read_until = _later(state.read_until, ledger.read_until)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


def _newest(kinds: Collection[NoticeKind], names: Collection[str] | None) -> QuerySet[Notice]:
    """The newest notice of `kinds` of each source."""
    return Notice.objects.filter(_only(names), kind__in=kinds).order_by("source", "-at", "-id").distinct("source")


def _stand(found: dict[str, SourceState], names: Collection[str] | None) -> None:
    for notice in _newest(CONDITIONS, names):
        state = _of(found, notice.source)
        state.condition, state.since = NoticeKind(notice.kind), notice.at
    for name in Notice.objects.filter(_only(names)).values_list("source", flat=True).distinct():
        _of(found, name)


def _count_losses(found: dict[str, SourceState], names: Collection[str] | None) -> None:
    counted = Notice.objects.filter(_only(names), kind__in=LOSSES).order_by().values("source")
    for row in counted.annotate(all=Count("pk"), unseen=Count("pk", filter=Q(seen=None))):
        state = _of(found, row["source"])
        state.losses += row["all"]
        state.unseen += row["unseen"]
    for notice in _newest(LOSSES, names):
        state = _of(found, notice.source)
        state.last_loss, state.last_loss_at = NoticeKind(notice.kind), notice.at


def _count_gaps(found: dict[str, SourceState], names: Collection[str] | None) -> None:
    gaps = Gap.objects.filter(_only(names, "ledger__source"), closed_at=None).order_by()
    counted = gaps.annotate(is_seen=Exists(seen_of_gap())).values("ledger__source")
    counted = counted.annotate(missing=Sum(F("last") - F("first") + 1), unseen=Count("pk", filter=Q(is_seen=False)))
    for row in counted:
        state = _of(found, row["ledger__source"])
        state.missing += row["missing"]
        state.unseen += row["unseen"]


def read_until() -> dict[str, datetime]:
    """Up to when each source was read, as far as that has come into the ledger."""
    known = Ledger.objects.filter(read_until__isnull=False).order_by().values("source")
    return dict(known.annotate(until=Max("read_until")).values_list("source", "until"))


def silent_since(source: str) -> datetime | None:
    """When the newest line of `source` was read; None where none ever was."""
    newest: datetime | None = Ledger.objects.filter(source=source).aggregate(at=Max("last_line_at"))["at"]
    return newest


def condition(source: str) -> NoticeKind | None:
    """What the collector said last of how `source` stands; None where it never has."""
    standing = _newest(CONDITIONS, [source]).first()
    return NoticeKind(standing.kind) if standing else None


def open_gaps(source: str | None = None) -> list[Gap]:
    """Numbers of `source`, or of every source, that have not arrived."""
    found = Gap.objects.filter(closed_at=None).select_related("ledger")
    return list(found if source is None else found.filter(ledger__source=source))


def losses(source: str | None = None) -> list[Notice]:
    """Notices of `source`, or of every source, after which lines may be missing or come again, oldest first."""
    found = Notice.objects.filter(kind__in=LOSSES)
    return list(found if source is None else found.filter(source=source))


@dataclass(frozen=True)
class Sequence:
    """What the ledger knows of the numbers of one epoch."""

    source: str
    epoch: str
    last: int
    """The highest number accepted; 0 where none was."""
    missing: tuple[tuple[int, int], ...]
    """First and last number of each gap below it that is open."""
    read_until: datetime | None
    """When the newest accepted line was read."""


def sequences() -> list[Sequence]:
    """Every epoch of every source."""
    gaps: dict[int, list[tuple[int, int]]] = {}
    for gap in open_gaps():
        gaps.setdefault(gap.ledger_id, []).append((gap.first, gap.last))
    return [
        Sequence(one.source, one.epoch, one.next_seq - 1, tuple(gaps.get(one.pk, ())), one.last_line_at)
        for one in Ledger.objects.all()
    ]


def has_begun(source: str, *, by: datetime | None = None) -> bool:
    """Whether the collector has ever read `source`; with `by`, whether it had at that moment."""
    begun = Notice.objects.filter(source=source, kind__in=[NoticeKind.FIRST_START, NoticeKind.EPOCH_BEGAN])
    return (begun if by is None else begun.filter(at__lte=by)).exists()
