"""Refusals at a door, as the audit log and the detection see them: whoever tries what the role does not allow.

Clauses: R228/81-2 (what happens at the door is a security event).
"""

from django.core.cache import cache
from django.db import transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.events.operations import emit
from senim.events.vocabulary.identity import IdentityEvent
from senim.identity.errors import NotPermitted, StaleFactor
from senim.identity.models import Account

ONCE_IN_SECONDS = 60
"""Our choice: the same refusal of the same account leaves its rows once in so long, so that nobody fills the log."""


@transaction.atomic
def refuse(account: Account, refusal: NotPermitted | StaleFactor, *, route: str, wanted: str, address: str) -> None:
    """`account` was refused what stands at `route`, for want of the permission `wanted` or of a fresh second factor."""
    if not cache.add(f"refused:{account.pk}:{refusal.code}:{wanted or route}", "", ONCE_IN_SECONDS):
        return
    detail = {"why": refusal.code, "permission": wanted, "route": route}
    audit.record(account.as_actor(), AuditAction.IDENTITY_ACCESS_REFUSED, account.subject, detail=detail)
    emit(IdentityEvent.ACCESS_REFUSED, account.subject, {"user": account.username, "src_ip": address, **detail})
