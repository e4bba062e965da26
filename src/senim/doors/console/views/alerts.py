"""Alerts: the list, one alert that explains itself, and what a person decides about those that no rule grades.

Clauses: R228/81-1.
"""

from enum import StrEnum
from uuid import UUID

from django import forms
from django.db.models import F, QuerySet
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from senim.detection import queries as detection
from senim.detection.models import Alert
from senim.doors.console import words
from senim.doors.console.errors import NotFound
from senim.doors.console.explanation import reasons
from senim.doors.console.lists import Column, Listing, chosen
from senim.doors.console.requests import account_of
from senim.identity.guard import is_fresh, needs
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import alerts, queries
from senim.incidents.kinds import IncidentKind
from senim.incidents.queries import AlertState


class LevelChoice(StrEnum):
    """`?level=high`: Sigma's."""

    INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = "informational", "low", "medium", "high", "critical"


COLUMNS = (
    Column("raised_at", _("Raised"), lambda a: a.raised_at, "raised_at"),
    Column("rule", _("Rule"), lambda a: a.rule_title, "rule_title"),
    Column("rule_id", _("Rule"), lambda a: a.rule_id, shown=False),
    Column("level", _("Level"), lambda a: a.level, "", "wide"),
    Column("target", _("Target"), lambda a: a.target, "target", "wide"),
    Column("actor", _("Came from"), lambda a: a.actor, "actor", "widest"),
    Column("account", _("Account"), lambda a: a.account, "account", "widest"),
    Column("events", _("Events"), lambda a: a.count, "count", "number widest"),
    Column("state", _("State"), lambda a: a.state),
    Column("id", _("Number"), lambda a: a.pk, shown=False),
)


@needs(Permission.INCIDENTS_INCIDENT_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Alerts, by state, level and rule; `target` looks in the target's name."""
    listing = Listing(request, "alerts", _filtered(request, account_of(request)), COLUMNS)
    return listing.export() or render(
        request,
        "console/alerts.html",
        {
            "listing": listing,
            "states": [(state.value, text) for state, (text, _tone) in words.ALERT_STATES.items()],
            "levels": list(words.LEVELS.items()),
            "rules": detection.rules().filter(alerts=True).values_list("rule_id", "title"),
            "asked": request.GET,
        },
    )


def _filtered(request: HttpRequest, account: Account) -> QuerySet[Alert]:
    found = queries.access_alerts(account)
    if state := chosen(request, "state", AlertState):
        found = found.filter(Exact(F("state"), state.value))
    if level := chosen(request, "level", LevelChoice):
        found = found.filter(level=level.value)
    if rule := request.GET.get("rule", ""):
        found = found.filter(rule_id=rule)
    if target := request.GET.get("target", "").strip():
        found = found.filter(target__icontains=target)
    return found


@needs(Permission.INCIDENTS_INCIDENT_READ)
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One alert: why it was raised, the very lines, and what became of it."""
    return render(request, "console/alert.html", _told(request, pk))


class Dismissal(forms.Form):
    """Why it is no incident."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What you saw and why you decide so. It stays in the audit log."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class Grade(Dismissal):
    """Which of the six kinds it is, and why."""

    kind = forms.TypedChoiceField(
        label=_("Kind of incident"),
        choices=[(kind.value, text) for kind, text in words.KINDS.items()],
        coerce=lambda value: IncidentKind(int(value)),
        widget=forms.RadioSelect,
    )
    field_order = ("kind", "reason")


@needs(Permission.INCIDENTS_ALERT_DECIDE, fresh=True)
def grade(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Grade an alert as an incident: the regulator is told at once, so a fresh one-time code is asked for."""
    form = Grade(request.POST or None)
    if form.is_valid():
        account, said = account_of(request), form.cleaned_data
        _told(request, pk)
        alerts.grade(account, pk, said["kind"], reason=said["reason"], fresh_second_factor=is_fresh(request))
        return HttpResponseRedirect(reverse("alerts-one", args=[pk]))
    return render(request, "console/alert_grade.html", {**_told(request, pk), "form": form})


@needs(Permission.INCIDENTS_ALERT_DECIDE, fresh=True)
def dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Dismiss an alert: it is none of the six kinds, and the regulator never hears of it. Asks for a fresh code."""
    form = Dismissal(request.POST or None)
    if form.is_valid():
        _told(request, pk)
        reason = form.cleaned_data["reason"]
        alerts.dismiss(account_of(request), pk, reason=reason, fresh_second_factor=is_fresh(request))
        return HttpResponseRedirect(reverse("alerts-one", args=[pk]))
    return render(request, "console/alert_dismiss.html", {**_told(request, pk), "form": form})


def _told(request: HttpRequest, pk: UUID) -> dict[str, object]:
    """What the pages of one alert show. Raises `NotFound`."""
    account = account_of(request)
    alert = queries.access_alerts(account).filter(pk=pk).first()
    if alert is None:
        raise NotFound
    return {
        "alert": alert,
        "reasons": reasons(alert),
        "group": list(alert.explanation.get("group", {}).items()),
        "decision": getattr(alert, "decision", None),
        "incident": queries.incident_of(alert),
        "may_decide": account.may(Permission.INCIDENTS_ALERT_DECIDE),
    }
