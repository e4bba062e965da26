"""Sources: all of them, one with its ledger, and what a person says of what was lost.

Clauses: R228/81-2 (what is not collected and analysed is seen).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from senim.doors.console.errors import NotFound
from senim.doors.console.lists import Column, Listing
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.kit.clock import now
from senim.pulse.queries import processes
from senim.telemetry import ledger, losses, standing
from senim.telemetry.standing import Source

_LATEST = 8

COLUMNS = (
    Column("source", _("Source"), lambda s: s.name, "name"),
    Column("state", _("State"), lambda s: s.sight, "sight"),
    Column("since", _("Since"), lambda s: s.since, shown=False),
    Column("condition", _("Why"), lambda s: s.condition or "", shown=False),
    Column("says", _("Why"), lambda s: s.says, shown=False),
    Column("lines", _("Lines"), lambda s: s.lines, "lines", "number wide"),
    Column("last_line_at", _("Last line"), lambda s: s.last_line_at, "last_line_at", shown=False),
    Column("missing", _("Missing"), lambda s: s.missing, "missing", shown=False),
    Column("losses", _("Losses and flaws"), lambda s: s.losses, "losses", "wide"),
    Column("last_loss", _("Losses"), lambda s: s.last_loss or "", shown=False),
    Column("last_loss_at", _("Losses"), lambda s: s.last_loss_at, shown=False),
    Column("unseen", _("Losses"), lambda s: s.unseen, shown=False),
    Column("flaws", _("Flaws of lines"), lambda s: dict(s.flaws), shown=False),
    Column("bytes_cut", _("Bytes cut"), lambda s: s.bytes_cut, shown=False),
)
_SEEN = (
    Column("seen_at", _("Looked at"), lambda row: row.seen_at, shown=False),
    Column("seen_by", _("Looked at"), lambda row: row.seen_by or "", "", "wide"),
    Column("seen_note", _("Note"), lambda row: row.seen_note or "", shown=False),
)
NOTICES = (
    Column("at", _("Time"), lambda n: n.at, "at"),
    Column("kind", _("What"), lambda n: n.kind, "kind"),
    Column("epoch", _("Epoch"), lambda n: n.epoch, shown=False),
    Column("seq", _("No."), lambda n: n.seq, "seq", "number wide"),
    Column("detail", _("Detail"), lambda n: n.detail, shown=False),
    *_SEEN,
)
GAPS = (
    Column("epoch", _("Epoch"), lambda g: g.ledger.epoch, shown=False),
    Column("first", _("No."), lambda g: g.first, "first"),
    Column("last", _("No."), lambda g: g.last, shown=False),
    Column("missing", _("Missing"), lambda g: g.missing, shown=False),
    Column("found_at", _("Found"), lambda g: g.found_at, "found_at", "wide"),
    Column("closed_at", _("Arrived after all"), lambda g: g.closed_at, "closed_at"),
    *_SEEN,
)
EPOCHS = (
    Column("opened_at", _("Begun"), lambda e: e.opened_at, "opened_at"),
    Column("epoch", _("Epoch"), lambda e: e.epoch, shown=False),
    Column("kind", _("Kind"), lambda e: e.kind, shown=False),
    Column("host", _("Machine"), lambda e: e.host, "host", "wide"),
    Column("lines", _("Lines"), lambda e: e.lines, "lines", "number"),
    Column("next_seq", _("No."), lambda e: e.next_seq, shown=False),
    Column("last_line_at", _("Last line"), lambda e: e.last_line_at, "last_line_at", "wide"),
    Column("read_until", _("Read and analysed until"), lambda e: e.read_until, shown=False),
    Column("flaws", _("Flaws of lines"), lambda e: e.flaws, shown=False),
    Column("bytes_cut", _("Bytes cut"), lambda e: e.bytes_cut, shown=False),
)


def _known() -> list[Source]:
    moment = now()
    return standing.sources(settings.SENIM_INSTANCE, processes(moment), moment)


def _found(name: str) -> Source:
    """The source `name`. Raises `NotFound`."""
    for source in _known():
        if source.name == name:
            return source
    raise NotFound


@needs(Permission.TELEMETRY_SOURCE_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Every source, and how it stands."""
    listing = Listing(request, "sources", _known(), COLUMNS)
    return listing.export() or render(request, "console/sources.html", {"listing": listing})


@needs(Permission.TELEMETRY_SOURCE_READ)
def shown(request: HttpRequest, name: str) -> HttpResponse:
    """One source: how it stands, what was lost, and the newest rows of its ledger."""
    source = _found(name)
    known = {
        "source": source,
        "read_until": _read_until(name),
        "unseen": losses.unseen(name),
        "may_acknowledge": account_of(request).may(Permission.TELEMETRY_LOSS_ACKNOWLEDGE),
        "notices": ledger.notices(name)[:_LATEST],
        "gaps": ledger.gaps(name)[:_LATEST],
        "epochs": ledger.epochs(name)[:_LATEST],
    }
    return render(request, "console/source.html", known)


def _read_until(name: str) -> datetime | None:
    newest = ledger.epochs(name).first()
    return newest.read_until if newest else None


@needs(Permission.TELEMETRY_SOURCE_READ)
def notices(request: HttpRequest, name: str) -> HttpResponseBase:
    """All that the collector said of a source."""
    return _rows(request, name, "notices", ledger.notices, NOTICES)


@needs(Permission.TELEMETRY_SOURCE_READ)
def gaps(request: HttpRequest, name: str) -> HttpResponseBase:
    """All numbers of a source that did not arrive in their turn."""
    return _rows(request, name, "gaps", ledger.gaps, GAPS)


@needs(Permission.TELEMETRY_SOURCE_READ)
def epochs(request: HttpRequest, name: str) -> HttpResponseBase:
    """All epochs of a source."""
    return _rows(request, name, "epochs", ledger.epochs, EPOCHS)


def _rows(
    request: HttpRequest,
    name: str,
    what: str,
    rows: Callable[[str], QuerySet[Any]],
    columns: tuple[Column, ...],
) -> HttpResponseBase:
    source = _found(name)
    listing = Listing(request, f"source-{name}-{what}", rows(name), columns)
    known = {"source": source, "listing": listing, "what": what}
    return listing.export() or render(request, "console/source_rows.html", known)


class _Losses(forms.MultipleChoiceField):
    """Boxes to tick. One that is no loss any more when the form comes back is left out, not refused."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, _value: str) -> bool:
        """Whether it may be ticked: `losses.acknowledge` takes what is still there."""
        return True


class Acknowledgement(forms.Form):
    """Which losses somebody has looked at, and what they found."""

    loss = _Losses(label=_("Losses that you have looked at"))
    note = forms.CharField(
        label=_("Note"),
        help_text=_("What was lost and why, and what you did about it. It stays in the audit log."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: Any, unseen: list[losses.Loss]) -> None:
        super().__init__(data, initial={"loss": [loss.key for loss in unseen]})
        self.fields["loss"].choices = [(loss.key, loss.what) for loss in unseen]  # type: ignore[attr-defined]


@needs(Permission.TELEMETRY_LOSS_ACKNOWLEDGE)
def acknowledge(request: HttpRequest, name: str) -> HttpResponse:
    """Say of losses that one has looked at them. Those that came meanwhile are not among what was shown."""
    source, unseen = _found(name), losses.unseen(name)
    form = Acknowledgement(request.POST or None, unseen)
    if form.is_valid():
        losses.acknowledge(account_of(request), name, form.cleaned_data["loss"], note=form.cleaned_data["note"])
        return HttpResponseRedirect(reverse("sources-one", args=[name]))
    return render(request, "console/source_acknowledge.html", {"source": source, "form": form, "unseen": unseen})
