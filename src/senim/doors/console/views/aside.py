"""Lines that detection could not analyse: which, and why. Nothing of them is shown but what names them."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from senim.detection import queries
from senim.doors.console.lists import Column, Listing
from senim.identity.guard import needs
from senim.identity.permissions import Permission

COLUMNS = (
    Column("at", _("Time"), lambda f: f.at, "at"),
    Column("subject", _("Source"), lambda f: f.subject, "subject", "wide"),
    Column("stream_seq", _("No."), lambda f: f.stream_seq, "stream_seq", "number"),
    Column("reason", _("Why"), lambda f: f.reason),
    Column("size", _("Bytes"), lambda f: f.size, "size", "number wide"),
    Column("sha256", _("SHA-256"), lambda f: f.sha256, shown=False),
)


@needs(Permission.INCIDENTS_INCIDENT_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The frames that were set aside and have had no effect since."""
    listing = Listing(request, "set-aside", queries.set_aside().defer("data"), COLUMNS)
    return listing.export() or render(request, "console/aside.html", {"listing": listing})
