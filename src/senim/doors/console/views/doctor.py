"""*Doctor*: every check that the console can make with its own rights, made now, and what each answered."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from senim.doctor.collection import OF_ROOMS_AT_MACHINE, of_house
from senim.doctor.diagnosis import Result
from senim.doctor.machine import ABOUT
from senim.doors.console import checks
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.checks import Asked
from senim.kit.clock import now


@needs(Permission.INCIDENTS_INCIDENT_READ)
def page(request: HttpRequest) -> HttpResponse:
    """Which checks were made and what they answered; which only somebody at the machine can make."""
    account = account_of(request)
    results = list(of_house(Asked(settings.SENIM_INSTANCE, now())))
    told = {
        "rows": [_row(account, result) for result in results],
        "unwell": sum(not result.ok for result in results),
        "at_machine": [*(check.about for check in OF_ROOMS_AT_MACHINE), *ABOUT],
    }
    return render(request, "console/doctor.html", told)


def _row(account: Account, result: Result) -> dict[str, object]:
    return {"result": result, "findings": list(checks.findings(account, result))}
