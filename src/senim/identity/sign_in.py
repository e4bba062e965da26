"""Sessions and factors as the audit log and the detection see them.

Clauses: R228/81-16 (kept by staff from the first day), R228/81-2 (what happens at the door is a security event).

Each function writes its audit row and its event in the transaction of the act that it tells of. Events carry the
address that somebody came from, because detection counts by it; nothing carries what was typed.
"""

from datetime import datetime

from django.db import transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.events.operations import emit
from senim.events.vocabulary.identity import IdentityEvent
from senim.identity.hours import office_hours
from senim.identity.models import Account, Session
from senim.identity.working_time import judged
from senim.kit.clock import now as read_clock

_CONSOLE = Actor.process("console")
_UNKNOWN = "account:unknown"


def session_started(account: Account, *, address: str, factors: list[str]) -> None:
    """`account` has signed in with `factors`."""
    detail = {"factors": factors}
    audit.record(account.as_actor(), AuditAction.IDENTITY_SESSION_STARTED, account.subject, detail=detail)
    hours = judged(read_clock(), office_hours()).value
    facts = {"user": account.username, "src_ip": address, "role": account.role, "hours": hours, **detail}
    emit(IdentityEvent.SESSION_STARTED, account.subject, facts)


@transaction.atomic
def refuse_session(account: Account | None, *, address: str, factor: str) -> None:
    """Somebody has shown a wrong `factor` (`password` or `code`) for `account`; None: no such account."""
    subject, user = (account.subject, account.username) if account else (_UNKNOWN, "")
    audit.record(_CONSOLE, AuditAction.IDENTITY_SESSION_REFUSED, subject, detail={"factor": factor})
    emit(IdentityEvent.SESSION_REFUSED, subject, {"user": user, "src_ip": address, "factor": factor})


def session_ended(account: Account, *, why: str, actor: Actor | None = None) -> None:
    """A session of `account` is over.

    Why: `signed-out`, `idle`, `too-long`, `ended-elsewhere`, `password-changed`, `factor-replaced`, `disabled`,
    `reset`, `used-by-two`.
    """
    detail = {"why": why}
    audit.record(actor or account.as_actor(), AuditAction.IDENTITY_SESSION_ENDED, account.subject, detail=detail)
    emit(IdentityEvent.SESSION_ENDED, account.subject, {"user": account.username, **detail})


@transaction.atomic
def end_sessions(account: Account, *, why: str, but: str = "", only: str = "", actor: Actor | None = None) -> int:
    """End the sessions of `account`, each with its rows; how many. By itself, where no `actor` is named.

    All of them, or all except the one whose row is `but`, or just the one whose row is `only`.
    """
    ending = account.sessions.exclude(session_key=but)
    ended, _by_table = (ending.filter(session_key=only) if only else ending).delete()
    for _ in range(ended):
        session_ended(account, why=why, actor=actor)
    return ended


@transaction.atomic
def sweep_idle(*, now: datetime | None = None) -> int:
    """Remove sessions that ran out in silence; each that belonged to somebody leaves its rows. How many."""
    over = Session.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        expire_date__lte=now or read_clock()
    )
    swept = list(over.select_related("account"))
    for session in swept:
        if session.account is not None:
            session_ended(session.account, why="idle", actor=_CONSOLE)
        session.delete()
    return len(swept)


def factor_added(account: Account, factor: str, *, actor: Actor | None = None) -> None:
    """`account` has a new `factor`: `totp` or `recovery_codes`. By itself, where no `actor` is named."""
    detail = {"factor": factor}
    audit.record(actor or account.as_actor(), AuditAction.IDENTITY_FACTOR_ADDED, account.subject, detail=detail)
    emit(IdentityEvent.FACTOR_ADDED, account.subject, {"user": account.username, **detail})


def factor_removed(account: Account, factor: str, *, actor: Actor | None = None, reason: str = "") -> None:
    """`account` has lost `factor`."""
    act, detail = AuditAction.IDENTITY_FACTOR_REMOVED, {"factor": factor}
    audit.record(actor or account.as_actor(), act, account.subject, reason=reason, detail=detail)
    emit(IdentityEvent.FACTOR_REMOVED, account.subject, {"user": account.username, **detail})


@transaction.atomic
def change_password(account: Account, password: str) -> None:
    """`account` has chosen `password` itself; a one-time password is over with that."""
    account.set_password(password)
    account.password_chosen_at = read_clock()
    account.save(update_fields=["password", "password_chosen_at"])
    audit.record(account.as_actor(), AuditAction.IDENTITY_PASSWORD_CHANGED, account.subject)
    emit(IdentityEvent.PASSWORD_CHANGED, account.subject, {"user": account.username})
