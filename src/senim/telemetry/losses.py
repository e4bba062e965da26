"""Losses that a person has to look at: what was lost is said until somebody says what they found, and kept for ever.

A loss is a notice of a kind in `notices.LOSSES`, or numbers of an epoch that did not arrive (an open gap).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import ngettext

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.events.operations import emit
from senim.events.vocabulary.telemetry import TelemetryEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.telemetry import ledger
from senim.telemetry.errors import MayNotAcknowledge, NoNote, NothingToAcknowledge
from senim.telemetry.models import Gap, Notice, SeenLoss
from senim.telemetry.notices import LOSSES, NoticeKind


@dataclass(frozen=True)
class Loss:
    """A loss that nobody has looked at."""

    key: str
    """`notice:12`, `gap:7`."""
    at: datetime
    epoch: str
    what: str
    detail: dict[str, object]


def unseen(source: str) -> list[Loss]:
    """The losses of `source` that no person has looked at, oldest first."""
    found = [*map(_notice, _notices(source)), *map(_gap, _gaps(source))]
    return sorted(found, key=lambda loss: (loss.at, loss.key))


def _notices(source: str) -> QuerySet[Notice]:
    return Notice.objects.filter(source=source, kind__in=LOSSES, seen=None)


def _gaps(source: str) -> QuerySet[Gap]:
    return ledger.gaps(source).filter(~Exists(ledger.seen_of_gap()), closed_at=None)


def _notice(notice: Notice) -> Loss:
    return Loss(f"notice:{notice.pk}", notice.at, notice.epoch, str(NoticeKind(notice.kind).label), notice.detail)


def _gap(gap: Gap) -> Loss:
    number = gap.last - gap.first + 1
    what = ngettext(
        "%(number)s line has not arrived: %(first)s–%(last)s",
        "%(number)s lines have not arrived: %(first)s–%(last)s",
        number,
    )
    said = what % {"number": number, "first": gap.first, "last": gap.last}
    return Loss(f"gap:{gap.pk}", gap.found_at, gap.ledger.epoch, said, {})


@transaction.atomic
def acknowledge(account: Account, source: str, keys: Sequence[str], *, note: str) -> list[SeenLoss]:
    """Write that `account` has looked at those losses of `source` that `keys` names, and what they found.

    What somebody else has acknowledged meanwhile, or what has arrived since, is left out.
    Raises `MayNotAcknowledge` without leave, `NoNote`, `NothingToAcknowledge` where nothing is left.
    """
    if not account.may(Permission.TELEMETRY_LOSS_ACKNOWLEDGE):
        raise MayNotAcknowledge
    if not note.strip():
        raise NoNote
    rows = [row for row in _rows(source, set(keys)) if row]
    if not rows:
        raise NothingToAcknowledge
    for row in rows:
        row.note, row.by = note.strip(), account
    try:
        with transaction.atomic():
            SeenLoss.objects.bulk_create(rows)
    except IntegrityError as error:
        raise NothingToAcknowledge from error  # somebody was faster
    _report(account, source, rows)
    return rows


def _rows(source: str, keys: set[str]) -> Iterator[SeenLoss]:
    for notice in _notices(source):
        if f"notice:{notice.pk}" in keys:
            yield SeenLoss(notice=notice)
    for gap in _gaps(source):
        if f"gap:{gap.pk}" in keys:
            yield SeenLoss(ledger=gap.ledger, first=gap.first, last=gap.last)


def _report(account: Account, source: str, rows: Sequence[SeenLoss]) -> None:
    losses = [_named(row) for row in rows]
    action, subject = AuditAction.TELEMETRY_LOSS_ACKNOWLEDGED, f"source:{source}"
    audit.record(account.as_actor(), action, subject, reason=rows[0].note, detail={"losses": losses})
    # The note stays in the audit log: what events carry may leave the house.
    emit(TelemetryEvent.LOSS_ACKNOWLEDGED, subject, {"losses": losses})


def _named(row: SeenLoss) -> dict[str, object]:
    if row.notice is not None:
        return {"kind": row.notice.kind, "epoch": row.notice.epoch, "before": row.notice.seq}
    if row.ledger is None:
        raise ValueError("a loss is a notice or numbers of an epoch")
    return {"kind": "gap", "epoch": row.ledger.epoch, "first": row.first, "last": row.last}
