"""Messages to the regulator: the list, one message exactly as sent, its receipt and its proof.

Clauses: R228/81, R228/81-1.
"""

import json
from enum import StrEnum
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from senim.asoi import operations, queries
from senim.asoi.electronic_format import SUFFIX
from senim.asoi.errors import CarriageRefused
from senim.asoi.models import Message, Receipt
from senim.doors.console import words
from senim.doors.console.errors import WrongMethod
from senim.doors.console.lists import Column, CountedChoice, Listing, chosen
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.incidents.models import Incident

_LONGEST = 2000
"""A word so long is a document in base64."""


class StateChoice(StrEnum):
    """`?state=waiting`: all that the regulator does not have for certain."""

    QUEUED = Message.State.QUEUED.value
    SEALED = Message.State.SEALED.value
    EXPORTED = Message.State.EXPORTED.value
    DELIVERED = Message.State.DELIVERED.value
    REFUSED = Message.State.REFUSED.value
    WAITING = "waiting"
    LATE = "late"


_STATES = {StateChoice.WAITING: queries.waiting, StateChoice.LATE: queries.late}
"""States that are more than a word in the row."""


COLUMNS = (
    Column("created_at", _("Made"), lambda m: m.created_at, "created_at"),
    Column("kind", _("Kind"), lambda m: m.kind, "kind"),
    Column("about", _("About"), lambda m: m.about),
    Column("sequence", _("No."), lambda m: m.sequence, "", "number wide"),
    Column("state", _("State"), lambda m: m.state, "state"),
    Column("tries", _("Tries"), lambda m: m.attempt_count, "", "number wide"),
    Column("delivered_at", _("Receipt"), lambda m: m.delivered_at, "delivered_at", "wide"),
    Column("exercise", _("Exercise"), lambda m: m.exercise, shown=False),
)


@needs(Permission.ASOI_MESSAGE_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Messages, by state and whether they count."""
    listing = Listing(request, "messages", _filtered(request), COLUMNS)
    if file := listing.export():
        return file
    about = {incident.subject: incident for incident in Incident.objects.filter(pk__in=_told_of(listing))}
    states = [(state.value, text) for state, (text, _tone) in words.MESSAGE_STATES.items()]
    states += [
        (StateChoice.WAITING.value, _("All that the regulator does not have")),
        (StateChoice.LATE.value, _("Late")),
    ]
    return render(
        request,
        "console/messages.html",
        {"listing": listing, "incidents": about, "states": states, "asked": request.GET},
    )


def _told_of(listing: Listing) -> list[str]:
    """Of which incidents the messages on this page tell."""
    subjects = (message.about.partition(":") for message in listing.page)
    return [pk for noun, _colon, pk in subjects if noun == "incident"]


def _filtered(request: HttpRequest) -> QuerySet[Message]:
    state = chosen(request, "state", StateChoice)
    found = _STATES[state]() if state in _STATES else queries.messages()
    if state and state not in _STATES:
        found = found.filter(state=state)
    if counted := chosen(request, "counted", CountedChoice):
        found = found.filter(exercise=counted is CountedChoice.EXERCISES)
    return found.annotate(attempt_count=Count("attempts"))


@needs(Permission.ASOI_MESSAGE_READ)
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message: its signed content as it went, each try, and the receipt."""
    message = queries.message(pk)
    receipt = Receipt.objects.filter(message=message).first()
    return render(
        request,
        "console/message.html",
        {
            "message": message,
            "incident": _incident(message),
            "in_words": sorted(message.body.get("text", {}).items()),
            "content": _readable(bytes(message.content)) if message.content else "",
            "attempts": message.attempts.all(),
            "receipt": receipt,
            "receipt_content": _readable(bytes(receipt.content)) if receipt else "",
            "is_stand_in": queries.recipient_is_stand_in(),
            "is_file": message.state == Message.State.EXPORTED,
            "carriages": message.carriages.all(),
            "goes_by_itself": queries.files_go_by_themselves(),
            "may_carry": account_of(request).may(Permission.ASOI_MESSAGE_CARRY),
            "may_export": account_of(request).may(Permission.ASOI_MESSAGE_EXPORT),
        },
    )


def _incident(message: Message) -> Incident | None:
    noun, _colon, pk = message.about.partition(":")
    return Incident.objects.filter(pk=pk).first() if noun == "incident" else None


def _readable(content: bytes) -> str:
    """Signed bytes, indented for people, without what nobody reads; the bytes themselves are in the proof bundle."""
    return json.dumps(_shortened(json.loads(content)), ensure_ascii=False, indent=2)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    if isinstance(value, str) and len(value) > _LONGEST and " " not in value:
        return gettext("%(beginning)s… (%(number)d characters)") % {"beginning": value[:40], "number": len(value)}
    return value


@needs(Permission.ASOI_MESSAGE_EXPORT)
def proof(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The proof bundle of one message: what it said, its seal, its receipt, and how to check them without us."""
    bundle = operations.export_proof(pk, actor=account_of(request).as_actor())
    name = f"senim-message-{pk}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(bundle, content_type="application/zip", headers=headers)


class CarriedForm(forms.Form):
    """When a message's file was carried, how and to whom."""

    carried_at = forms.DateTimeField()
    way = forms.CharField(max_length=operations.LONGEST_WAY)


@needs(Permission.ASOI_MESSAGE_CARRY)
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file of a message that waits to be carried: the very bytes that are sent, sealed for the regulator alone."""
    sealed = operations.take_file(pk, actor=account_of(request).as_actor())
    headers = {"Content-Disposition": f'attachment; filename="{pk}{SUFFIX}"'}
    return HttpResponse(sealed, content_type="application/pkcs7-mime", headers=headers)


@needs(Permission.ASOI_MESSAGE_CARRY)
def carried(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that the file was carried. It delivers nothing: the regulator's receipt does."""
    if request.method != "POST":
        raise WrongMethod
    form = CarriedForm(request.POST)
    if not form.is_valid():
        raise CarriageRefused
    operations.note_carried(pk, **form.cleaned_data, actor=account_of(request).as_actor())
    return HttpResponseRedirect(f"{reverse('messages-one', args=[pk])}#file")
