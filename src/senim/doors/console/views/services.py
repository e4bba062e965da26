"""Services: how each stands and stood, work announced beforehand, and why an outage was.

Clauses: R228/81-1(6).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senim.availability import decisions
from senim.availability import queries as availability
from senim.availability.models import Cause, Maintenance, Outage
from senim.availability.queries import Standing
from senim.doors.console import words
from senim.doors.console.errors import NotFound
from senim.doors.console.requests import account_of
from senim.doors.console.strip import Strip, strip
from senim.identity.guard import is_fresh, needs
from senim.identity.permissions import Permission
from senim.incidents import queries as incidents
from senim.kit.clock import now

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
DAYS = 90
LISTED = 200
"""Outages on a page; each is on the strip."""


@needs(Permission.INCIDENTS_INCIDENT_READ)
def listed(request: HttpRequest) -> HttpResponse:
    """Every service: now, since when, the last day and the last ninety."""
    moment = now()
    rows = [_row(standing, moment) for standing in availability.standings(moment)]
    return render(request, "console/services.html", {"rows": rows})


def _row(standing: Standing, moment: datetime) -> dict[str, object]:
    return {
        "standing": standing,
        "title": standing.title,
        "day": _day(standing.name, moment),
        "days": _days(standing.name, moment),
    }


def _day(service: str, moment: datetime) -> Strip:
    """The last 24 hours, by quarters of an hour."""
    until = datetime.fromtimestamp(
        -(-moment.timestamp() // QUARTER.total_seconds()) * QUARTER.total_seconds(), moment.tzinfo
    )
    return strip(availability.stretches(service, until=until, lasts=QUARTER, number=int(DAY / QUARTER)))


def _days(service: str, moment: datetime) -> Strip:
    """The last ninety days, by days as people here count them."""
    midnight = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    return strip(availability.stretches(service, until=midnight, lasts=DAY, number=DAYS))


@needs(Permission.INCIDENTS_INCIDENT_READ)
def shown(request: HttpRequest, name: str) -> HttpResponse:
    """One service: its strips with the tables behind them, its outages, announced work."""
    moment, standing = now(), _standing(name)
    account = account_of(request)
    outages = list(availability.outages(name)[:LISTED])
    known = {
        **_row(standing, moment),
        "outages": [_told(outage) for outage in outages],
        "works": availability.maintenance(name)[:LISTED],
        "moment": moment,
        "may_announce": account.may(Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE),
        "may_decide": account.may(Permission.AVAILABILITY_CAUSE_DECIDE),
    }
    return render(request, "console/service.html", known)


def _standing(name: str) -> Standing:
    """How the service `name` stands. Raises `NotFound`."""
    service = availability.service(name)
    if service is None:
        raise NotFound
    return availability.standing(service, now())


def _told(outage: Outage) -> dict[str, object]:
    spell = outage.spell
    return {
        "outage": outage,
        "length": (outage.ended_at or outage.last_down_at) - outage.began_at,
        "seen": spell.seen_until - outage.began_at,
        "cause": availability.decisions(outage).first(),
        "incident": incidents.incident_of_outage(outage.pk),
    }


class Reasoned(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What is known and how. It stays in the audit log."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class Announcement(Reasoned):
    """From when until when a service is worked on, by the clocks of Almaty."""

    starts_at = forms.DateTimeField(label=_("Begins"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    ends_at = forms.DateTimeField(label=_("Ends"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    field_order = ("starts_at", "ends_at", "reason")


@needs(Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE, fresh=True)
def announce(request: HttpRequest, name: str) -> HttpResponse:
    """Announce work: an outage that begins in its time is not told to the regulator, so a fresh code is asked for."""
    standing, form = _standing(name), Announcement(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        decisions.announce(account_of(request), name, **said, fresh_second_factor=is_fresh(request))
        return HttpResponseRedirect(reverse("services-one", args=[name]))
    known = {"standing": standing, "title": standing.title, "form": form}
    return render(request, "console/service_maintenance.html", known)


@needs(Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE, fresh=True)
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel announced work: from now on it explains no outage."""
    work, form = get_object_or_404(Maintenance, pk=pk), Reasoned(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        decisions.cancel(account_of(request), pk, reason=reason, fresh_second_factor=is_fresh(request))
        return HttpResponseRedirect(reverse("services-one", args=[work.service]))
    return render(request, "console/service_cancel.html", {"work": work, "form": form})


class Judgement(Reasoned):
    """Why a service was down."""

    cause = forms.ChoiceField(
        label=_("Cause"),
        choices=[(cause.value, text) for cause, text in words.CAUSES.items()],
        widget=forms.RadioSelect,
    )
    field_order = ("cause", "reason")


@needs(Permission.AVAILABILITY_CAUSE_DECIDE, fresh=True)
def decide_cause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide why an outage was: it decides whether the regulator is told, so a fresh code is asked for."""
    try:
        outage = availability.outage(pk)
    except Outage.DoesNotExist:
        raise NotFound from None
    form = Judgement(request.POST or None)
    if form.is_valid():
        cause, reason = Cause(form.cleaned_data["cause"]), form.cleaned_data["reason"]
        decisions.decide_cause(account_of(request), pk, cause, reason=reason, fresh_second_factor=is_fresh(request))
        return HttpResponseRedirect(reverse("services-one", args=[outage.service]))
    known = {**_told(outage), "decisions": availability.decisions(outage), "form": form}
    return render(request, "console/service_cause.html", known)
