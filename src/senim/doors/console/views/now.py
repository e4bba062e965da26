"""*Now*: what is wrong, and what to do. The middle of the page renews itself.

It does so only when something has changed: nobody loses their place, and a screen reader speaks up with news only.
Where nothing has changed, nothing is drawn.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from senim.doors.console import chart
from senim.doors.console.requests import account_of
from senim.doors.console.standing import Standing, standing
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.incidents.promptness import AIM


@needs(Permission.INCIDENTS_INCIDENT_READ)
def page(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return _drawn(request, standing(account_of(request)), "console/now.html")


@needs(Permission.INCIDENTS_INCIDENT_READ, passive=True)
def live(request: HttpRequest) -> HttpResponse:
    """The middle of the page, for the page itself; nothing where it is as the page has it already."""
    found = standing(account_of(request))
    if request.GET.get("state") == found.state:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return _drawn(request, found, "console/_live.html")


def _drawn(request: HttpRequest, found: Standing, template: str) -> HttpResponse:
    known = {
        "now": found,
        "chart": _times(found),
        "may_decide_cause": account_of(request).may(Permission.AVAILABILITY_CAUSE_DECIDE),
        "may_read_audit": account_of(request).may(Permission.AUDIT_LOG_READ),
    }
    return render(request, template, known)


def _times(found: Standing) -> chart.Chart | None:
    """Incident to receipt of the latest incidents, oldest first; None while there is none with a receipt."""
    values = [(each.number, each.to_receipt.total_seconds()) for each in reversed(found.drawn) if each.to_receipt]
    named = [(_("%(number)s: %(seconds).1f s") % {"number": n, "seconds": s}, s) for n, s in values]
    return chart.bars(named, AIM.total_seconds()) if named else None
