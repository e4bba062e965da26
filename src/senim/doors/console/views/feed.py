"""*Event feed*: how far events have gone to the regulator, and which go.

Clauses: R228/81-2.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from senim.event_feed import queries
from senim.event_feed.settings import event_feed_settings
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.kit.clock import now


@needs(Permission.TELEMETRY_SOURCE_READ)
def page(request: HttpRequest) -> HttpResponse:
    """Where the feed stands and what of which events leaves the house. Raises `BadSettings` for a refused policy."""
    chosen = event_feed_settings(settings.SENIM_INSTANCE)
    standing = queries.standing(chosen)
    told = {"standing": standing, "is_behind": standing.is_behind(now()), "events": chosen.events}
    return render(request, "console/feed.html", told)
