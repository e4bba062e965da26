"""What changes because of the history: days that leave, and what the audit log remembers of searches."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.history.filters import Filter
from senim.history.models import Expiry
from senim.history.spans import Span
from senim.kit.clock import iso


@transaction.atomic
def remember_search(actor: Actor, asked: Filter) -> None:
    """Let the audit log remember that `actor` looked for somebody, a machine or words in the history.

    Who looks for a person leaves a trace that a second person can read: those who may read the audit log may read the
    history as well, so the words that were sought are told to nobody new.
    """
    detail = {**asked.words, "since": iso(asked.since), "until": iso(asked.until)}
    audit.record(actor, AuditAction.HISTORY_EVENTS_SEARCHED, "history:events", detail=detail)


@transaction.atomic
def write_expiry(actor: Actor, day: date, gone: Mapping[tuple[str, str], Iterable[Span]]) -> None:
    """Write down that what was read on `day` leaves, before it does: epoch → numbers."""
    rows = [
        Expiry(source=source, epoch=epoch, first=first, last=last, day=day)
        for (source, epoch), spans in gone.items()
        for first, last in spans
    ]
    fresh = [row for row in rows if not _is_known(row)]
    Expiry.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        lines = sum(row.last - row.first + 1 for row in fresh)
        detail = {"sources": sorted({row.source for row in fresh}), "lines": lines}
        audit.record(actor, AuditAction.HISTORY_DAY_EXPIRED, f"history-day:{day:%Y-%m-%d}", detail=detail)


def _is_known(row: Expiry) -> bool:
    same = {name: getattr(row, name) for name in ("source", "epoch", "first", "last")}
    return Expiry.objects.filter(**same).exists()
