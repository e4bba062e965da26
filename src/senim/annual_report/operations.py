"""Filing the yearly information, and what comes of it.

The door decides: the filing commits with its audit row and its event, and tells nobody. The worker sees it, composes
the year anew as of the same moment and tells the regulator what comes out, if it is what was shown. So nobody files
what the registers do not say, and the door writes no message itself.

Clauses: R228/79, R228/80.
"""

import base64
import gzip
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from senim.annual_report import queries
from senim.annual_report.composing import Composed, compose
from senim.annual_report.errors import (
    Changed,
    FilingRefused,
    Incomplete,
    MayNotFile,
    ShownLongAgo,
    WithoutReason,
    YearNotOver,
)
from senim.annual_report.models import Filing, Report
from senim.annual_report.typesetting import LANGUAGES, SETTER, pdf
from senim.asoi import operations as asoi
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.events.operations import emit
from senim.events.vocabulary.annual_report import AnnualReportEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit import canonical
from senim.kit.clock import iso
from senim.kit.clock import now as read_clock
from senim.kit.instance import Instance
from senim.kit.moments import local_day

_ENCODING = "gzip+base64"
SHOWN_AT_MOST = timedelta(hours=24)
"""Our choice: what was shown longer ago is looked at anew before it is filed."""


def file(account: Account, shown: Composed, *, sha256: str, reason: str, fresh_second_factor: bool) -> Filing:
    """File `shown`, which the page showed with the digest `sha256`.

    Raises `MayNotFile` without leave or without a second factor shown just now, `YearNotOver`, `ShownLongAgo`,
    `Incomplete`, `Changed` (also where somebody was faster), `WithoutReason`.
    """
    if not (fresh_second_factor and account.may(Permission.ANNUAL_REPORT_REPORT_FILE)):
        raise MayNotFile
    raise_unless_good(shown, sha256)
    if shown.moment < read_clock() - SHOWN_AT_MOST:
        raise ShownLongAgo
    number = queries.filings(shown.year).count() + 1
    if number > 1 and not reason.strip():
        raise WithoutReason
    try:
        return _file(account, shown, number, reason.strip())
    except IntegrityError as error:
        raise Changed from error


def raise_unless_good(composed: Composed, sha256: str) -> None:
    """Raise `YearNotOver`, `Changed`, `Incomplete` unless `composed` may be filed as what has the digest `sha256`."""
    # R228/79: of the year reported on, which is over.
    if local_day(composed.moment) <= date(composed.year, 12, 31):
        raise YearNotOver
    if composed.sha256 != sha256:
        raise Changed
    # R228/80: the information contains all six.
    if not composed.is_complete:
        raise Incomplete


@transaction.atomic
def _file(account: Account, shown: Composed, number: int, reason: str) -> Filing:
    filing = Filing.objects.create(
        year=shown.year, number=number, as_of=shown.moment, sha256=shown.sha256, reason=reason, by=account
    )
    detail = facts_of(filing)
    action = AuditAction.ANNUAL_REPORT_REPORT_FILED
    audit.record(account.as_actor(), action, filing.subject, reason=reason, detail=detail)
    emit(AnnualReportEvent.REPORT_FILED, filing.subject, detail)
    return filing


def facts_of(filing: Filing) -> dict[str, object]:
    """What audit rows and events say of it."""
    return {
        "filing": str(filing.pk),
        "year": filing.year,
        "number": filing.number,
        "as_of": iso(filing.as_of),
        "sha256": filing.sha256,
    }


def tell(instance: Instance, pk: UUID | str, *, actor: Actor) -> Report:
    """Tell the regulator what was filed, or write down why not: report, message and audit row commit together.

    It is composed and set before that: no transaction waits for it. Raises `IntegrityError` where another was faster.
    """
    filing = Filing.objects.get(pk=pk)
    composed = compose(instance, filing.year, filing.as_of)
    try:
        raise_unless_good(composed, filing.sha256)
        pdfs = {language: pdf(composed.content, language, draft=False) for language in LANGUAGES}
    except FilingRefused as refusal:
        return _refuse(filing, refusal, actor)
    return _tell(filing, composed, pdfs, actor)


@transaction.atomic
def _refuse(filing: Filing, refusal: FilingRefused, actor: Actor) -> Report:
    report = Report.objects.create(filing=filing, refusal=refusal.code)
    detail = {**facts_of(filing), "refusal": refusal.code}
    audit.record(actor, AuditAction.ANNUAL_REPORT_REPORT_REFUSED, filing.subject, detail=detail)
    emit(AnnualReportEvent.REPORT_REFUSED, filing.subject, detail)
    return report


@transaction.atomic
def _tell(filing: Filing, composed: Composed, pdfs: dict[str, bytes], actor: Actor) -> Report:
    return Report.objects.create(
        filing=filing,
        content=composed.written.decode(),
        pdf_kk=pdfs["kk"],
        pdf_ru=pdfs["ru"],
        set_by=SETTER,
        message=_message(filing, composed, pdfs, actor),
    )


def _packed(document: bytes) -> str:
    """`document` as it goes: tagged PDFs of a full year are megabytes long, and a seventh of that compressed."""
    return base64.b64encode(gzip.compress(document, mtime=0)).decode()


def _message(filing: Filing, composed: Composed, pdfs: dict[str, bytes], actor: Actor) -> Message:
    """R228/79: it goes to the authorised body by the channel of R228/81; a correction names what it corrects."""
    about = f"annual-report:{filing.year}"
    before = queries.newest_told(filing.year)
    told = Message.objects.filter(about=about).count()
    body = {
        **composed.content,
        "documents": {
            language: {"sha256": canonical.sha256(made), "encoding": _ENCODING, "pdf": _packed(made)}
            for language, made in pdfs.items()
        },
        "correction": filing.reason or None,
    }
    return asoi.enqueue(
        MessageKind.ANNUAL_REPORT,
        body,
        about=about,
        sequence=told + 1,
        corrects=before.report.message_id if before else None,
        actor=actor,
    )
