"""The audit log, for those who may read it: who did what, and whether it is sealed."""

from enum import StrEnum

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from senim.audit import queries
from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.doors.console import words
from senim.doors.console.lists import Column, Listing, chosen
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.permissions import Permission


class SealChoice(StrEnum):
    """`?seal=waiting`: rows that nothing proves yet."""

    WAITING = "waiting"


def _place(row: AuditRow) -> int | None:
    leaf = getattr(row, "leaf", None)
    return leaf.index if leaf else None


COLUMNS = (
    Column("at", _("Time"), lambda r: r.at),
    Column("actor", _("Who"), lambda r: r.actor_name),
    Column("action", _("Did what"), lambda r: r.action),
    Column("subject", _("To what"), lambda r: r.subject, "", "wide"),
    Column("reason", _("Why"), lambda r: r.reason, "", "wide"),
    Column("place", _("Place in the log"), _place, "", "number"),
)


@needs(Permission.AUDIT_LOG_READ)
def listed(request: HttpRequest) -> HttpResponse:
    """The newest rows, by actor, act and subject."""
    action = chosen(request, "action", AuditAction)
    seal = chosen(request, "seal", SealChoice)
    asked = {word: request.GET.get(word, "").strip() for word in ("actor", "subject")}
    found = queries.access_rows(account_of(request), action=action or "", **asked)
    if seal is SealChoice.WAITING:
        found = [row for row in found if _place(row) is None]
    listing = Listing(request, "audit", found, COLUMNS)
    return listing.export() or render(
        request,
        "console/audit.html",
        {
            "listing": listing,
            "actions": [(act.value, text) for act, text in words.ACTIONS.items()],
            "asked": request.GET,
            "checkpoint": queries.latest_checkpoint(),
            "most": queries.MOST_ROWS,
        },
    )
