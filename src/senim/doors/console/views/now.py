"""*Now*: what is wrong, and what to do. The middle of the page renews itself.

It does so only when something has changed: nobody loses their place, and a screen reader speaks up with news only.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from senim.doors.console import chart
from senim.doors.console.requests import account_of
from senim.doors.console.standing import DRAWN, latest, standing
from senim.identity.guard import needs
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit import canonical

AIM_SECONDS = 5.0
"""Our aim for incident to receipt (the law says: immediately)."""


@needs(Permission.INCIDENTS_INCIDENT_READ)
def page(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "console/now.html", _middle(request))


@needs(Permission.INCIDENTS_INCIDENT_READ, passive=True)
def live(request: HttpRequest) -> HttpResponse:
    """The middle of the page, for the page itself; nothing where it is as the page has it already."""
    middle = _middle(request)
    if request.GET.get("state") == middle["state"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "console/_live.html", middle)


def _middle(request: HttpRequest) -> dict[str, str]:
    account = account_of(request)
    found = {
        "now": standing(account),
        "chart": _times(account),
        "may_read_audit": account.may(Permission.AUDIT_LOG_READ),
    }
    middle = render_to_string("console/_now.html", found, request)
    return {"middle": middle, "state": canonical.sha256(middle.encode())}


def _times(account: Account) -> chart.Chart | None:
    """Incident to receipt of the latest incidents, oldest first; None while there is none with a receipt."""
    timed = [each for each in reversed(latest(account, DRAWN)) if each.to_receipt is not None]
    values = [(each.incident.number, each.to_receipt.total_seconds()) for each in timed if each.to_receipt]
    named = [(_("%(number)s: %(seconds).1f s") % {"number": n, "seconds": s}, s) for n, s in values]
    return chart.bars(named, AIM_SECONDS) if named else None
