"""Incidents: the list, and one incident from its first event to the regulator's receipt.

Clauses: R228/81-1.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from senim.asoi import queries as asoi
from senim.clauses.model import Language
from senim.clauses.registry import limb
from senim.doors.console import words
from senim.doors.console.acts import ACTS, ActText
from senim.doors.console.errors import NotFound
from senim.doors.console.lists import PAGE, Column, CountedChoice, Listing, chosen
from senim.doors.console.requests import account_of
from senim.identity import queries as identity
from senim.identity.guard import needs
from senim.identity.hours import office_hours
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import acts, assessment, deeds, dossier, operations, personal_data, queries
from senim.incidents.dossier import Happened
from senim.incidents.models import Incident, Party
from senim.incidents.proof import composing
from senim.kit.clock import now as read_clock

NOBODY = "-"
"""`?assignee=-`: those that nobody has."""
_FIRST = 10
"""How many of a long list the page of an incident shows; the rest is a click away."""


class KindChoice(StrEnum):
    """`?kind=2`."""

    FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = "1", "2", "3", "4", "5", "6"


class SeverityChoice(StrEnum):
    """`?severity=none`: those that nobody has assessed."""

    LOW, MEDIUM, HIGH, CRITICAL, NONE = "low", "medium", "high", "critical", "none"


class RoleChoice(StrEnum):
    """`?role=actor`: which parties."""

    ACCOUNT, ACTOR, TARGET = "account", "actor", "target"


COLUMNS = (
    Column("number", _("Number"), lambda i: i.number, "pk"),
    Column("kind", _("Kind"), lambda i: i.clause, "kind"),
    Column("target", _("Target"), lambda i: i.target, "target"),
    Column("severity", _("Severity"), lambda i: (i.assessment or {}).get("severity", ""), "", "wide"),
    Column("told", _("At the regulator"), lambda i: i.told, "told"),
    Column("state", _("State"), lambda i: i.state, "state"),
    Column("opened_at", _("Opened"), lambda i: i.opened_at, "opened_at"),
    Column("actor", _("Came from"), lambda i: i.actor, "actor", "widest"),
    Column("account", _("Account"), lambda i: i.account, "account", "widest"),
    Column("accounts", _("Accounts"), lambda i: i.account_count, shown=False),
    Column("events", _("Events"), lambda i: i.event_count, "event_count", "number widest"),
    Column("assignee", _("Who has it"), lambda i: i.assignee, "assignee", "wide"),
    Column("exercise", _("Exercise"), lambda i: i.exercise_id is not None, shown=False),
)
PARTY_COLUMNS = (
    Column("role", _("What it is"), lambda p: p.role, "role"),
    Column("name", _("Name"), lambda p: p.name, "name"),
    Column("first_at", _("First event"), lambda p: p.first_at, "first_at"),
    Column("last_at", _("Last event"), lambda p: p.last_at, "last_at", "wide"),
    Column("events", _("Events"), lambda p: p.events, "events", "number"),
    Column("told_in", _("Told of by"), lambda p: p.told_in, "told_in"),
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
            "states": [(state.value, text) for state, (text, _tone) in words.INCIDENT_STATES.items()],
            "severities": assessment.SEVERITIES.items(),
            "people": identity.who_may(Permission.INCIDENTS_INCIDENT_WORK),
            "asked": request.GET,
        },
    )


def _filtered(request: HttpRequest, account: Account) -> QuerySet[Incident]:
    found = queries.access_incidents(account)
    if kind := chosen(request, "kind", KindChoice):
        found = found.filter(kind=int(kind))
    if counted := chosen(request, "counted", CountedChoice):
        found = queries.counted(found) if counted is CountedChoice.REAL else found.exclude(exercise=None)
    if state := chosen(request, "state", Incident.State):
        found = found.filter(state=state)
    if severity := chosen(request, "severity", SeverityChoice):
        is_assessed = Q(assessment__severity=severity.value)
        found = found.filter(Q(assessment__isnull=True) if severity is SeverityChoice.NONE else is_assessed)
    if assignee := request.GET.get("assignee", ""):
        found = found.filter(Exact(F("assignee"), "" if assignee == NOBODY else assignee))
    if text := request.GET.get("q", "").strip():
        found = found.filter(pk__in=queries.concerning(text))
    return found


def incident_of(request: HttpRequest, pk: UUID) -> Incident:
    """The incident `pk`, for whoever asks. Raises `NotFound`."""
    try:
        return queries.access_incident(account_of(request), pk)
    except Incident.DoesNotExist:
        raise NotFound from None


@needs(Permission.INCIDENTS_INCIDENT_READ)
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One incident: what happened, when, by what evidence, what the regulator has, and what can be done."""
    incident, account = incident_of(request, pk), account_of(request)
    steps = queries.timeline(incident)
    duty, now = personal_data.duty_of(incident, office_hours()), read_clock()
    messages, lines = asoi.messages_about(incident.subject), dossier.Evidence(incident)
    return render(
        request,
        "console/incident.html",
        {
            "incident": incident,
            "steps": steps,
            "to_receipt": detection_to_receipt(steps),
            "is_told": all(message.delivered_at for message in messages),
            "parties": [_parties(incident, role) for role in Party.Role],
            "alerts": queries.alerts_of(incident).reverse()[:_FIRST],
            "downtimes": queries.downtimes_of(incident),
            "evidence": lines[:_FIRST],
            "line_count": len(lines),
            "messages_sent": messages,
            "clause_title": limb(incident.clause).title.to(Language(get_language() or "kk")),
            "acts": _acts(account, incident),
            "duty": duty,
            "is_breach_late": duty is not None and duty.is_late(now),
            "left": duty.due_at - now if duty and not duty.notice and not duty.is_late(now) else None,
            "may_export": account.may(Permission.ASOI_MESSAGE_EXPORT),
            "may_correct": account.may(Permission.INCIDENTS_INCIDENT_CORRECT),
            "assessed": list(_assessed(incident)),
            "waiting_act": dossier.waiting_act(incident),
            "may_work": account.may(Permission.INCIDENTS_INCIDENT_WORK),
            "people": identity.who_may(Permission.INCIDENTS_INCIDENT_WORK),
            "assignment": dossier.assignment(incident),
            "checklist": dossier.checklist(incident),
            "tasks": dossier.tasks(incident),
            "now": now,
            "notes": dossier.notes(incident),
            # A storm's joining alerts would hide what people did: they are on the page of the whole history.
            "history": [one for one in dossier.history(incident) if one.what is not Happened.ALERT_JOINED][:_FIRST],
        },
    )


def _assessed(incident: Incident) -> Iterator[tuple[object, object]]:
    """What a person said of how grave it is and what it touches, each with what it is called; nothing: nobody has."""
    if incident.assessment is None:
        return
    said = assessment.read(incident.assessment)
    yield _("Severity"), assessment.SEVERITIES[said.severity]
    yield _("Information systems concerned"), ", ".join(said.systems) or "—"
    yield _("Data concerned"), ", ".join(str(assessment.DATA[each]) for each in said.data) or "—"
    yield _("Clients concerned"), _("not known") if said.clients is None else said.clients
    yield _("Personal data"), assessment.BREACHES[said.personal_data_breach]


def _parties(incident: Incident, role: Party.Role) -> tuple[str, list[Party], int]:
    found = queries.parties(incident, role)
    return role.value, list(found[:_FIRST]), found.count()


def _acts(account: Account, incident: Incident) -> list[tuple[str, ActText]]:
    """What this reader can do to the incident as it stands."""
    if dossier.waiting_act(incident):
        return []
    possible = {deeds.name_of(deed) for deed in acts.possible(account, incident)}
    return [(f"incidents-{name}", text) for name, text in ACTS.items() if name in possible]


@needs(Permission.INCIDENTS_INCIDENT_READ)
def evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The very lines, hashed, page by page, each with the alert that it belongs to."""
    incident = incident_of(request, pk)
    page: Page[dossier.Line] = Paginator(dossier.Evidence(incident), PAGE).get_page(request.GET.get("page"))
    return render(request, "console/incident_evidence.html", {"incident": incident, "page": page})


@needs(Permission.INCIDENTS_INCIDENT_READ)
def parties(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Every account, actor and target that it concerns, and which message told the regulator of each."""
    incident = incident_of(request, pk)
    role = chosen(request, "role", RoleChoice)
    listing = Listing(request, "parties", queries.parties(incident, role or ""), PARTY_COLUMNS)
    told = {"incident": incident, "listing": listing, "roles": list(RoleChoice), "asked": request.GET}
    return listing.export() or render(request, "console/incident_parties.html", told)


@needs(Permission.INCIDENTS_INCIDENT_READ)
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All that happened to it, newest first, page by page."""
    incident = incident_of(request, pk)
    page = Paginator(dossier.history(incident), PAGE).get_page(request.GET.get("page"))
    return render(request, "console/incident_history.html", {"incident": incident, "page": page})


@needs(Permission.ASOI_MESSAGE_EXPORT)
def proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The proof of one incident: the record, every message with its receipt, the audit log's rows, each provable."""
    incident = incident_of(request, pk)
    bundle = composing.proof_of(incident)
    operations.note_proof_taken(incident, account_of(request).as_actor())
    headers = {"Content-Disposition": f'attachment; filename="senim-incident-{incident.number}.zip"'}
    return HttpResponse(bundle, content_type="application/zip", headers=headers)


def detection_to_receipt(steps: list[queries.Step]) -> timedelta | None:
    """From the alert to the regulator's receipt; None while there is no receipt."""
    moments = {step.what: step.at for step in steps}
    alert, receipt = moments[queries.Moment.ALERT], moments[queries.Moment.RECEIPT]
    return receipt - alert if alert and receipt else None
