"""The audit log, for those who may read it: who did what, and whether it is sealed."""

from enum import StrEnum

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from senim.audit import queries
from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.doors.console import words
from senim.doors.console.lists import Column, Listing, chosen, day
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.permissions import Permission


class SealChoice(StrEnum):
    """`?seal=waiting`: rows that nothing proves yet."""

    WAITING = "waiting"


def _place(row: AuditRow) -> int | None:
    leaf = getattr(row, "leaf", None)
    return leaf.index if leaf else None


# What `senim audit rows` gives as well: with its identifier each row can be proven (`senim audit prove`).
COLUMNS = (
    Column("id", _("Identifier"), lambda r: r.pk, shown=False),
    Column("at", _("Time"), lambda r: r.at, "at"),
    Column("actor_kind", _("Kind"), lambda r: r.actor_kind, shown=False),
    Column("actor_id", _("Identifier"), lambda r: r.actor_id, shown=False),
    Column("actor", _("Who"), lambda r: r.actor_name),
    Column("action", _("Did what"), lambda r: r.action),
    Column("subject", _("To what"), lambda r: r.subject, "", "wide"),
    Column("reason", _("Why"), lambda r: r.reason, "", "wide"),
    Column("detail", _("Detail"), lambda r: r.detail, shown=False),
    Column("place", _("Place in the log"), _place, "leaf__index", "number"),
)


@needs(Permission.AUDIT_LOG_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """All rows, newest first, by actor, act, subject and day; `until` is included."""
    action = chosen(request, "action", AuditAction)
    seal = chosen(request, "seal", SealChoice)
    found = queries.access_rows(
        account_of(request),
        action=action or "",
        waiting=seal is SealChoice.WAITING,
        since=day(request, "since"),
        until=day(request, "until", later=1),
        **{word: request.GET.get(word, "").strip() for word in ("actor", "subject")},
    )
    listing = Listing(request, "audit", found, COLUMNS)
    return listing.export() or render(
        request,
        "console/audit.html",
        {
            "listing": listing,
            "actions": [(act.value, text) for act, text in words.ACTIONS.items()],
            "asked": request.GET,
            "checkpoint": queries.latest_checkpoint(),
        },
    )
