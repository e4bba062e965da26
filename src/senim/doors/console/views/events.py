"""Events: what happened, found again; one event whole; and what of them is not there.

Clauses: R228/81-2 (events that were collected can be looked at and analysed).
"""

import base64
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from senim.detection.models import Alert
from senim.doors.console import absences, histogram
from senim.doors.console.eventlist import RANGES, Search, search
from senim.doors.console.lists import Column, as_file
from senim.doors.console.requests import account_of
from senim.history import operations
from senim.history.completeness import closings
from senim.history.events import Event
from senim.history.history import MOST_EXPORTED, History
from senim.history.queries import access_history
from senim.history.settings import history_settings
from senim.identity.guard import needs
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import queries as incidents
from senim.kit.clock import now
from senim.pulse.queries import processes
from senim.telemetry.standing import Source, sources

_EARLIER = timedelta(minutes=1)
"""How far the clocks of collector and database may differ when alerts are sought that cite a line."""


def _bytes(event: Event) -> str | None:
    """The line in Base64 where it is not its text."""
    return None if event.raw is None else base64.b64encode(event.raw).decode()


COLUMNS = (
    Column("at", _("Time"), lambda e: e.at),
    Column("source", _("Source"), lambda e: e.source, classes="wide"),
    Column("host", _("Host"), lambda e: e.host, classes="wide"),
    Column("action", _("Action"), lambda e: e.action, classes="wide"),
    Column("address", _("Address"), lambda e: e.address, classes="widest"),
    Column("user", _("User"), lambda e: e.user, classes="widest"),
    Column("text", _("Line"), lambda e: e.text),
    Column("read_at", _("Read"), lambda e: e.read_at, shown=False),
    Column("epoch", _("Epoch"), lambda e: e.epoch, shown=False),
    Column("seq", _("Number"), lambda e: e.seq, shown=False),
    Column("kind", _("Read as"), lambda e: e.kind, shown=False),
    Column("flaw", _("Flaws"), lambda e: e.flaw, shown=False),
    Column("sha256", _("SHA-256"), lambda e: e.sha256, shown=False),
    Column("bytes", _("Bytes"), _bytes, shown=False),
)


@needs(Permission.HISTORY_EVENT_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Events by time and words: a histogram, the newest of them, and what is not there."""
    account, wanted = account_of(request), search(request)
    history = access_history(account, settings.SENIM_INSTANCE)
    taken = as_file(request, "events", COLUMNS, lambda: history.export(wanted.asked))
    if taken is not None:
        return taken
    if wanted.after is None and wanted.asked.names_somebody:
        operations.remember_search(account.as_actor(), wanted.asked)
    return render(request, "console/events.html", _found(history, wanted))


def _found(history: History, wanted: Search) -> dict[str, object]:
    counted = history.histogram(wanted.asked, *histogram.stretches(wanted.asked.since, wanted.asked.until))
    page = history.page(wanted.asked, wanted.after)
    return {
        "search": wanted,
        "asked": wanted.asked,
        "ranges": [(name, text) for name, (_length, text) in RANGES.items()],
        "sources": [source.name for source in _sources()],
        "columns": [column for column in COLUMNS if column.shown],
        "page": page,
        "older": wanted.behind(page.after) if page.after else "",
        "go_on": "" if page.is_whole else wanted.before(page.searched_since),
        "counted": counted,
        "drawing": histogram.draw(counted, wanted),
        "most_exported": MOST_EXPORTED,
        "as_csv": wanted.address(format="csv"),
        "as_json": wanted.address(format="json"),
        "absences": absences.within(history, wanted.asked),
    }


def _sources() -> list[Source]:
    moment = now()
    return sources(settings.SENIM_INSTANCE, processes(moment), moment)


@needs(Permission.HISTORY_EVENT_READ)
def shown(request: HttpRequest, source: str, epoch: str, seq: int) -> HttpResponse:
    """One event: the very line, what is read out of it, its place, what stands around it, and who cites it."""
    account = account_of(request)
    history = access_history(account, settings.SENIM_INSTANCE)
    event = history.one(source, epoch, seq)
    known = {
        "event": event,
        "bytes": _escaped(event.line) if event.raw is not None else "",
        "fields": list(event.fields.items()),
        "around": history.around(source, epoch, seq),
        "alerts": _citing(account, event),
    }
    return render(request, "console/event.html", known)


def _escaped(line: bytes) -> str:
    """Bytes that people cannot read, as they are written in programs."""
    return repr(line)[2:-1]


def _citing(account: Account, event: Event) -> Sequence[Alert]:
    """Alerts of which this very line is evidence, newest first."""
    place = {"source": event.source, "epoch": event.epoch, "seq": event.seq}
    found = incidents.access_alerts(account).filter(raised_at__gte=event.read_at - _EARLIER)
    return list(found.filter(evidence__contains=[place]))


@needs(Permission.HISTORY_EVENT_READ)
def gaps(request: HttpRequest) -> HttpResponse:
    """Each epoch of each source: what was accepted, what is held, what is missing, by its numbers."""
    history = access_history(account_of(request), settings.SENIM_INSTANCE)
    found = closings(history)
    known = {
        "closings": found,
        "is_closed": all(one.is_closed for one in found),
        "behind": history.standing().behind(now()),
        "retention": history_settings(settings.SENIM_INSTANCE).retention_days,
    }
    return render(request, "console/events_gaps.html", known)
