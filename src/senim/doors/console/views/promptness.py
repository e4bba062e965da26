"""*Promptness*: how long it takes from an event to the regulator's receipt, by kind, over time; late ones explained.

Clauses: R228/81-1 (immediately).
"""

from datetime import timedelta
from enum import StrEnum

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.doors.console import chart
from senim.doors.console.lists import Column, CountedChoice, Listing, chosen
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.incidents import promptness
from senim.incidents.promptness import AIM, Leg, Run
from senim.kit.clock import now as read_clock

_DAYS_DRAWN = 31


class DaysChoice(StrEnum):
    """`?days=30`: how far back."""

    WEEK, MONTH, QUARTER, YEAR = "7", "30", "90", "365"


class LateChoice(StrEnum):
    """`?late=only`: those that took longer than the aim."""

    ONLY = "only"


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 3)


COLUMNS = (
    Column("number", gettext_lazy("Number"), lambda run: run.number, "opened_at"),
    Column("kind", gettext_lazy("Kind"), lambda run: f"R228/81-1({run.kind})", "kind"),
    Column("opened_at", gettext_lazy("Opened"), lambda run: run.opened_at, "opened_at"),
    Column("alert_s", gettext_lazy("Event to alert"), lambda run: _seconds(run.leg(Leg.ALERT)), "", "number wide"),
    Column(
        "incident_s", gettext_lazy("Alert to incident"), lambda run: _seconds(run.leg(Leg.INCIDENT)), "", "number wide"
    ),
    Column("sent_s", gettext_lazy("Incident to sent"), lambda run: _seconds(run.leg(Leg.SENT)), "", "number wide"),
    Column(
        "receipt_s", gettext_lazy("Incident to receipt"), lambda run: _seconds(run.to_receipt), "to_receipt", "number"
    ),
    Column("why", gettext_lazy("Why it took longer"), lambda run: [each.why.value for each in run.reasons]),
)


@needs(Permission.INCIDENTS_INCIDENT_READ)
def shown(request: HttpRequest) -> HttpResponseBase:
    """Figures by kind, the slowest of each day, and every incident, those that were late with the reasons."""
    now = read_clock()
    days = chosen(request, "days", DaysChoice) or DaysChoice.MONTH
    counted = chosen(request, "counted", CountedChoice) or CountedChoice.REAL
    since = now - timedelta(days=int(days))
    found = promptness.runs(since, exercises=counted is CountedChoice.EXERCISES, now=now)
    late = [run for run in found if run.is_late(now)]
    listing = Listing(request, "promptness", late if chosen(request, "late", LateChoice) else found, COLUMNS)
    known = {
        "listing": listing,
        "kinds": promptness.by_kind(found, now),
        "late": len(late),
        "chart": _chart(found),
        "aim": AIM,
        "days": days.value,
        "counted": counted.value,
        "is_late_only": bool(request.GET.get("late")),
        "choices": [each.value for each in DaysChoice],
        "is_cut": len(found) == promptness.MOST,
    }
    return listing.export() or render(request, "console/promptness.html", known)


def _chart(found: list[Run]) -> chart.Chart | None:
    """The slowest way to a receipt of each of the latest days; None while there is none."""
    days = promptness.by_day(found)[-_DAYS_DRAWN:]
    text = _("%(day)s: %(seconds).1f s")
    values = [(each.day, each.worst.total_seconds()) for each in days]
    named = [(text % {"day": f"{day:%d.%m.%Y}", "seconds": seconds}, seconds) for day, seconds in values]
    return chart.bars(named, AIM.total_seconds()) if named else None
