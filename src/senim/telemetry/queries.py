"""Reads of the ledger for other rooms: what stands of each source."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from senim.telemetry.models import Gap, Ledger, Notice
from senim.telemetry.notices import CONDITIONS, LOSSES, NoticeKind


@dataclass(frozen=True)
class SourceState:
    """How one source stands."""

    source: str
    condition: NoticeKind | None
    """What the collector said last; None where it never has."""
    since: datetime | None
    """Since when that holds."""
    last_line_at: datetime | None
    """When the newest accepted line was read; None where none ever was."""
    lines: int
    """Accepted in all epochs."""
    missing: int
    """Numbered and published, or meant to be, but never arrived."""
    flaws: dict[str, int]
    bytes_cut: int
    losses: int
    """How often lines may have been lost before they had a number (see `losses`)."""


def sources() -> list[SourceState]:
    """Every source that ever spoke or was spoken of, by name."""
    named = {*Ledger.objects.values_list("source", flat=True), *Notice.objects.values_list("source", flat=True)}
    return [source_state(name) for name in sorted(named)]


def source_state(source: str) -> SourceState:
    """How `source` stands, all epochs together."""
    epochs = list(Ledger.objects.filter(source=source))
    standing = _standing(source)
    counted: dict[str, int] = {}
    for ledger in epochs:
        for name, number in ledger.flaws.items():
            counted[name] = counted.get(name, 0) + number
    return SourceState(
        source=source,
        condition=NoticeKind(standing.kind) if standing else None,
        since=standing.at if standing else None,
        last_line_at=max((e.last_line_at for e in epochs if e.last_line_at), default=None),
        lines=sum(e.lines for e in epochs),
        missing=sum(gap.last - gap.first + 1 for gap in open_gaps(source)),
        flaws=counted,
        bytes_cut=sum(e.bytes_cut for e in epochs),
        losses=len(losses(source)),
    )


def silent_since(source: str) -> datetime | None:
    """When the newest line of `source` was read; None where none ever was."""
    newest: datetime | None = Ledger.objects.filter(source=source).aggregate(at=Max("last_line_at"))["at"]
    return newest


def condition(source: str) -> NoticeKind | None:
    """What the collector said last of how `source` stands; None where it never has."""
    standing = _standing(source)
    return NoticeKind(standing.kind) if standing else None


def _standing(source: str) -> Notice | None:
    return Notice.objects.filter(source=source, kind__in=CONDITIONS).order_by("-at", "-id").first()


def open_gaps(source: str | None = None) -> list[Gap]:
    """Numbers that have not arrived, of `source` or of all."""
    gaps = Gap.objects.filter(closed_at=None).select_related("ledger")
    return list(gaps if source is None else gaps.filter(ledger__source=source))


def losses(source: str | None = None) -> list[Notice]:
    """Notices after which lines may be missing or come again, oldest first."""
    notices = Notice.objects.filter(kind__in=LOSSES)
    return list(notices if source is None else notices.filter(source=source))


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


def has_begun(source: str) -> bool:
    """Whether the collector has ever read `source`."""
    return Notice.objects.filter(source=source, kind__in=[NoticeKind.FIRST_START, NoticeKind.EPOCH_BEGAN]).exists()
