"""Why a rule raised an alert, in sentences: what it asks, what was found, in which window, on what it is built."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from senim.detection.models import Alert
from senim.doors.console.templatetags.console import duration
from senim.kit.clock import from_iso


@dataclass(frozen=True)
class Reason:
    """One rule that came true; those that it is built on follow it."""

    title: str
    file: str
    asks: str
    found: int
    since: datetime
    until: datetime
    """The window in which it was found."""
    events: tuple[tuple[str, str], ...]
    """The events it looks at: title and condition."""


def reasons(alert: Alert) -> list[Reason]:
    """Why `alert` was raised, the rule that raised it first; empty where the alert does not say."""
    because = alert.explanation.get("because")
    return list(_reasons(because)) if because else []


def _reasons(because: Mapping[str, Any]) -> Iterator[Reason]:
    yield Reason(
        title=because["rule"]["title"],
        file=because["rule"]["file"],
        asks=_asks(because["asks"]),
        found=because["found"],
        since=from_iso(because["window"]["from"]),
        until=from_iso(because["window"]["until"]),
        events=tuple((each["title"], each["condition"]) for each in because["events"]),
    )
    for part in because["built_on"]:
        yield from _reasons(part)


def _asks(asks: Mapping[str, Any]) -> str:
    texts = {
        "event": _("one such event"),
        "event_count": _("at least %(least)d events within %(window)s"),
        "value_count": _("at least %(least)d different values of %(fields)s within %(window)s"),
        "downtime": _("a service that is down for more than %(window)s"),
        "downtime_possible": _("a service that may have been down for more than %(window)s, unseen"),
        "downtime_warning": _("a service that is down for %(window)s"),
        "temporal": _("at least %(least)d of the rules that it is built on within %(window)s"),
        "temporal_ordered": _("the rules that it is built on, one after another, within %(window)s"),
        "value_sum": _("values of %(fields)s that add up to at least %(least)d within %(window)s"),
        "without": _(
            "the first of these events, and none of the others in the %(window)s before it; the others were waited for "
            "%(wait)s"
        ),
    }
    named = {"window": _duration(asks["timespan_s"]), "wait": _duration(asks.get("wait_s", 0))}
    return texts[asks["type"]] % {**named, "least": asks["least"], "fields": ", ".join(asks["fields"])}


def _duration(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))
