"""The design system on one page, in a demonstration only."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from senim.doors.console import chart, words
from senim.identity.guard import anybody
from senim.kit.clock import now

_TOKENS = ("ground", "surface", "ink", "ink-soft", "line", "brand", "brand-tint", "good", "warn", "bad", "info")


@anybody
def page(request: HttpRequest) -> HttpResponse:
    """Every component, once."""
    values = [("1", 0.6), ("2", 0.9), ("3", 2.4), ("4", 6.1), ("5", 1.2)]
    return render(
        request,
        "console/design.html",
        {
            "tokens": _TOKENS,
            "kinds": [kind.value for kind in words.KINDS],
            "alert_states": [state.value for state in words.ALERT_STATES],
            "sights": [sight.value for sight in words.SIGHTS],
            "flaws": (("truncated", 3), ("binary", 1)),
            "message_states": [state.value for state in words.MESSAGE_STATES],
            "moment": now(),
            "length": timedelta(seconds=1.24),
            "chart": chart.bars(values, 5.0),
        },
    )
