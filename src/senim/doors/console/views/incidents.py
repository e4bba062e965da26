"""Incidents: the list, and one incident from its first event to the regulator's receipt.

Clauses: R228/81-1.
"""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from senim.asoi import queries as asoi
from senim.clauses.model import Language
from senim.clauses.registry import limb
from senim.doors.console import words
from senim.doors.console.errors import NotFound
from senim.doors.console.lists import Column, CountedChoice, Listing, chosen
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import queries
from senim.incidents.models import Incident


class KindChoice(StrEnum):
    """`?kind=2`."""

    FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = "1", "2", "3", "4", "5", "6"


COLUMNS = (
    Column("number", _("Number"), lambda i: i.number, "pk"),
    Column("kind", _("Kind"), lambda i: i.clause, "kind"),
    Column("target", _("Target"), lambda i: i.target, "target"),
    Column("actor", _("Came from"), lambda i: i.actor, "actor", "wide"),
    Column("account", _("Account"), lambda i: i.account, "account", "widest"),
    Column("accounts", _("Accounts"), lambda i: i.account_count, shown=False),
    Column("events", _("Events"), lambda i: i.event_count, "event_count", "number widest"),
    Column("opened_at", _("Opened"), lambda i: i.opened_at, "opened_at"),
    Column("exercise", _("Exercise"), lambda i: i.exercise_id is not None),
)


@needs(Permission.INCIDENTS_INCIDENT_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Incidents, by kind, state and whether they count; `q` looks in target, origin and account."""
    listing = Listing(request, "incidents", _filtered(request, account_of(request)), COLUMNS)
    return listing.export() or render(
        request,
        "console/incidents.html",
        {
            "listing": listing,
            "kinds": [(str(kind.value), text) for kind, text in words.KINDS.items()],
            "asked": request.GET,
        },
    )


def _filtered(request: HttpRequest, account: Account) -> QuerySet[Incident]:
    found = queries.access_incidents(account)
    if kind := chosen(request, "kind", KindChoice):
        found = found.filter(kind=int(kind))
    if counted := chosen(request, "counted", CountedChoice):
        found = found.filter(exercise__isnull=counted is CountedChoice.REAL)
    if text := request.GET.get("q", "").strip():
        found = found.filter(Q(target__icontains=text) | Q(actor__icontains=text) | Q(pk__in=queries.concerning(text)))
    return queries.with_account_count(found)


@needs(Permission.INCIDENTS_INCIDENT_READ)
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One incident: what happened, when, by what evidence, and what the regulator has."""
    try:
        incident = queries.access_incident(account_of(request), pk)
    except Incident.DoesNotExist:
        raise NotFound from None
    steps = queries.timeline(incident)
    clause = limb(incident.clause)
    return render(
        request,
        "console/incident.html",
        {
            "incident": incident,
            "steps": steps,
            "to_receipt": detection_to_receipt(steps),
            "accounts": queries.accounts_of(incident),
            "alerts": queries.alerts_of(incident),
            "messages_sent": asoi.messages_about(incident.subject),
            "clause_title": clause.title.to(Language(get_language() or "kk")),
        },
    )


def detection_to_receipt(steps: list[queries.Step]) -> timedelta | None:
    """From the alert to the regulator's receipt; None while there is no receipt."""
    moments = {step.what: step.at for step in steps}
    alert, receipt = moments[queries.Moment.ALERT], moments[queries.Moment.RECEIPT]
    return receipt - alert if alert and receipt else None
