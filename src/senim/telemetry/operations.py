"""Keeping the ledger: what makes detection see every line exactly once, and every hole by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from django.db import connection, transaction

from senim.kit.clock import now
from senim.kit.moments import local_day
from senim.telemetry import markers, parsers, queries
from senim.telemetry.flaws import FlawKind
from senim.telemetry.frames import Frame, Line, flaws
from senim.telemetry.models import DayEnd, Gap, Ledger, Notice
from senim.telemetry.notices import CONDITIONS, NoticeKind
from senim.telemetry.parsers import Observed
from senim.telemetry.parsers.form import strangeness


def accept(frame: Frame) -> tuple[Line, ...]:
    """The lines of `frame` that were never accepted before, in the caller's transaction.

    Locks the ledger row of (source, epoch), so that two workers with the same frame take turns. Numbers jumped over
    become an open `Gap`; a line that arrives late is taken out of its gap and accepted. A frame without lines only says
    up to when the source was read, and which numbers must have come by now.
    Raises `TransactionManagementError` outside a transaction: what was accepted must commit with what came of it.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a frame is accepted in the transaction that makes use of it")
    ledger, _ = Ledger.objects.select_for_update().get_or_create(
        source=frame.source, epoch=frame.epoch, defaults={"kind": frame.kind, "host": frame.host}
    )
    late = _late(ledger, frame)
    fresh = tuple(line for line in frame.lines if line.seq >= ledger.next_seq or line.seq in late)
    if frame.first > ledger.next_seq:
        Gap.objects.create(ledger=ledger, first=ledger.next_seq, last=frame.first - 1)
    ledger.next_seq = max(ledger.next_seq, frame.last + 1)
    ledger.read_until = max(ledger.read_until or frame.read_until, frame.read_until)
    if fresh:
        _count(ledger, fresh)
    ledger.save()
    return fresh


def _late(ledger: Ledger, frame: Frame) -> set[int]:
    """Numbers of `frame` that were missing until now: taken out of the gaps that held them."""
    if not frame.lines or frame.first >= ledger.next_seq:
        return set()
    arrived: set[int] = set()
    for gap in ledger.gaps.filter(closed_at=None, first__lte=frame.last, last__gte=frame.first):
        first, last = max(gap.first, frame.first), min(gap.last, frame.last)
        arrived.update(range(first, last + 1))
        _take_out(gap, first, last)
    return arrived


def _take_out(gap: Gap, first: int, last: int) -> None:
    """Leave of `gap` what lies on both sides of `first` to `last`; close it where nothing is left."""
    if gap.last > last and gap.first < first:
        Gap.objects.create(ledger=gap.ledger, first=last + 1, last=gap.last, found_at=gap.found_at)
        gap.last = first - 1
    elif gap.first < first:
        gap.last = first - 1
    elif gap.last > last:
        gap.first = last + 1
    else:
        gap.closed_at = now()
    gap.save()


def _count(ledger: Ledger, fresh: tuple[Line, ...]) -> None:
    newest = datetime.fromtimestamp(max(line.read_at for line in fresh), tz=UTC)
    named = [flaws(line) for line in fresh if line.flaw]
    _end_day(ledger)
    ledger.lines += len(fresh)
    ledger.flaws = _added(ledger.flaws, (name for flaw in named for name in flaw))
    ledger.bytes_cut += sum(flaw.get("truncated", 0) for flaw in named)
    ledger.last_line_at = max(ledger.last_line_at or newest, newest)


def _end_day(ledger: Ledger) -> None:
    """Write down how much there was when the day ended on which lines were accepted last, if that is over."""
    today = local_day(now())
    if ledger.counted_on is not None and ledger.counted_on < today:
        DayEnd.objects.create(ledger=ledger, day=ledger.counted_on, lines=ledger.lines)
    ledger.counted_on = max(ledger.counted_on or today, today)


def _added(counted: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(counted) + Counter(names))


def understand(frame: Frame, lines: Iterable[Line]) -> list[tuple[Line, Observed]]:
    """What the accepted `lines` of `frame` say, in the caller's transaction.

    Where an event stands in several lines, what the first of them said commits with their acceptance: an event that two
    frames share is understood as one that stands in one, whoever was killed between them. Of markers only those of
    exercises are left (`telemetry.markers`).
    Raises `telemetry.parsers.UnknownKind`, and `Ledger.DoesNotExist` for a frame never accepted.
    """
    if frame.kind not in parsers.JOINED:
        understood, _ = parsers.parse_joined(frame, lines, b"")
        _look_at_form(frame, understood)
        return _without_made_up_markers(understood)
    ledger = Ledger.objects.select_for_update().get(source=frame.source, epoch=frame.epoch)
    understood, state = parsers.parse_joined(frame, lines, bytes(ledger.unfinished))
    ledger.unfinished = state
    ledger.save(update_fields=["unfinished"])
    _look_at_form(frame, understood)
    return _without_made_up_markers(understood)


def _without_made_up_markers(understood: list[tuple[Line, Observed]]) -> list[tuple[Line, Observed]]:
    """`understood`, where a marker counts only if it was declared and its line read before the exercise was over."""
    worn = {str(marker) for _, seen in understood if (marker := seen.fields.get("marker"))}
    if not worn:
        return understood
    until = {marker: end.timestamp() for marker, end in markers.declared(worn).items()}
    return [
        (line, seen if line.read_at <= until.get(str(seen.fields.get("marker")), 0.0) else _unmarked(seen))
        for line, seen in understood
    ]


def _unmarked(seen: Observed) -> Observed:
    return replace(seen, fields={**seen.fields, "marker": ""}) if seen.fields.get("marker") else seen


def _look_at_form(frame: Frame, understood: Iterable[tuple[Line, Observed]]) -> None:
    """Count the lines that have not the form of their kind, and how strange that makes the source."""
    told = [(line, form) for line, seen in understood if (form := parsers.in_form(frame.kind, seen)) is not None]
    count_flaws(frame, [FlawKind.FORMLESS.value for _line, form in told if not form])
    ledgers = Ledger.objects.filter(source=frame.source, epoch=frame.epoch)
    before = formless, since = ledgers.values_list("formless", "formless_since").get()
    for line, form in told:
        formless = strangeness(formless, has_form=form)
        since = since or datetime.fromtimestamp(line.read_at, tz=UTC) if formless else None
    if (formless, since) != before:
        ledgers.update(formless=formless, formless_since=since)


def count_flaws(frame: Frame, names: Iterable[str]) -> None:
    """Count flaws of accepted lines that only their parser can see (`time-future`), in the caller's transaction.

    The ledger row is locked by `accept` already. Raises `Ledger.DoesNotExist` for a frame never accepted.
    """
    if not (counted := Counter(names)):
        return
    ledger = Ledger.objects.select_for_update().get(source=frame.source, epoch=frame.epoch)
    ledger.flaws = _added(ledger.flaws, counted.elements())
    ledger.save(update_fields=["flaws"])


def note(source: str, epoch: str, seq: int, kind: NoticeKind, detail: Mapping[str, object] | None = None) -> bool:
    """Write what the collector has to say of `source` before its line `seq`. True where it is news.

    A loss is written once for its place; a condition only where another one held before.
    """
    if kind in CONDITIONS and queries.condition(source) == kind:
        return False
    notice = Notice(source=source, epoch=epoch, seq=seq, kind=kind, detail=dict(detail or {}))
    known = Notice.objects.filter(source=source, epoch=epoch, seq=seq, kind=kind)
    if kind not in CONDITIONS and known.exists():
        return False
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return True
