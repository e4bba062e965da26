"""Files for the process that holds the receipt key: handed in, opened, and imported where that is wished."""

from django.db import transaction

from senim.asoi.errors import AsoiProblem, UnknownMessage
from senim.asoi.internal import outbox
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.receipts import Opened, open_receipt, require_receipt_for
from senim.asoi.models import HandedIn, Message
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.kit import canonical
from senim.kit.clock import now


def answer(handed: HandedIn, credentials: Credentials) -> None:
    """Do what is wished with the file and write the answer into its row: once, together with what was done."""
    actor = Actor(handed.actor_kind, handed.actor_id, handed.actor_name)
    with transaction.atomic():
        handed = HandedIn.objects.select_for_update().get(pk=handed.pk)
        if handed.answered_at is not None:
            return
        try:
            opened = open_receipt(bytes(handed.data), credentials)
            if handed.wish == HandedIn.Wish.IMPORT:
                _import(opened, actor)
            else:
                _note_opened(handed, actor)
            handed.answer = {"receipt": canonical.loads(opened.content), "signer": opened.signer}
        except AsoiProblem as refusal:
            handed.problem, handed.detail = refusal.code, str(refusal.detail)[:200]
            if handed.wish == HandedIn.Wish.IMPORT:
                outbox.refuse_receipt(_subject(handed), actor, code=refusal.code, detail=handed.detail)
        handed.answered_at = now()
        handed.save(update_fields=["answered_at", "problem", "detail", "answer"])


def take_receipt(data: bytes, credentials: Credentials, *, subject: str) -> None:
    """Take the receipt that came as a file, called `subject`; a refusal is on record and raised.

    Raises `ReceiptRefused`, `UnknownMessage`.
    """
    try:
        with transaction.atomic():
            _import(open_receipt(data, credentials), outbox.SENDER)
    except AsoiProblem as refusal:
        with transaction.atomic():
            detail = str(refusal.detail)[:200]
            outbox.refuse_receipt(subject, outbox.SENDER, code=refusal.code, detail=detail)
        raise


def _import(opened: Opened, actor: Actor) -> None:
    message = Message.objects.filter(pk=opened.says.message).first()
    if message is None:
        raise UnknownMessage(str(opened.says.message))
    require_receipt_for(message, opened, now=now())
    outbox.accept_receipt(opened, came_by="file", actor=actor)


def _note_opened(handed: HandedIn, actor: Actor) -> None:
    facts = {"sha256": canonical.sha256(bytes(handed.data))}
    audit.record(actor, AuditAction.ASOI_FILE_OPENED, _subject(handed), detail=facts)


def _subject(handed: HandedIn) -> str:
    return f"file:{handed.pk}"
