"""Keeping registers: adding an entry, writing its next version, ending it, bringing in a file.

Nothing written here takes anything away, and a long form takes longer than a one-time code is fresh: leave is enough.

Clauses: R228/80.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from senim.annual_report.sections import register
from senim.audit.operations import Actor
from senim.doors.console.entryforms import EndForm, EntryForm, ImportForm, SeenForm, initial
from senim.doors.console.errors import BadRequest
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.kit.clock import now
from senim.registers import importing, operations, queries
from senim.registers.errors import FactsRefused, NoSuchEntry
from senim.registers.models import Version
from senim.registers.register import Register

CHANGE = Permission.REGISTERS_ENTRY_CHANGE


def _keeper(request: HttpRequest) -> Actor:
    account = account_of(request)
    operations.require_keeper(account)
    return account.as_actor()


@needs(CHANGE)
def add(request: HttpRequest, name: str) -> HttpResponse:
    """Add an entry."""
    asked_for, keeper = register(name), _keeper(request)
    form = EntryForm(asked_for, request.POST or None, initial={"owner": account_of(request).pk})
    if form.is_valid():
        said = form.cleaned_data
        try:
            added = operations.add(
                asked_for,
                form.facts,
                owner=said["owner"],
                review_on=said["review_on"],
                reason=said["reason"],
                actor=keeper,
            )
        except FactsRefused as refusal:
            form.refuse(refusal)
        else:
            return _to(asked_for, added.entry)
    return render(request, "console/register_form.html", {"register": asked_for, "form": form})


@needs(CHANGE)
def change(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Write the next version of an entry."""
    asked_for, keeper = register(name), _keeper(request)
    version = _standing(asked_for, pk)
    form = EntryForm(asked_for, request.POST or None, initial=initial(version))
    if form.is_valid():
        said = form.cleaned_data
        try:
            operations.change(
                asked_for,
                pk,
                form.facts,
                seen=_seen(request),
                owner=said["owner"],
                review_on=said["review_on"],
                reason=said["reason"],
                actor=keeper,
            )
        except FactsRefused as refusal:
            form.refuse(refusal)
        else:
            return _to(asked_for, pk)
    told = {
        "register": asked_for,
        "form": form,
        "version": version,
        "name": asked_for.name_of(version.facts),
        "seen": SeenForm(initial={"seen": _seen(request) if request.POST else version.number}),
    }
    return render(request, "console/register_form.html", told)


@needs(CHANGE)
def end(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Let an entry end."""
    asked_for, keeper = register(name), _keeper(request)
    version = _standing(asked_for, pk)
    form = EndForm(request.POST or None, initial={"seen": version.number})
    if form.is_valid():
        operations.end(asked_for, pk, **form.cleaned_data, actor=keeper)
        return _to(asked_for, pk)
    told = {"register": asked_for, "version": version, "name": asked_for.name_of(version.facts), "form": form}
    return render(request, "console/register_end.html", told)


@needs(CHANGE)
def bring_in(request: HttpRequest, name: str) -> HttpResponse:
    """Bring in a file: what each of its lines would do is shown first; only what was shown is done, and all of it."""
    asked_for, keeper = register(name), _keeper(request)
    form = ImportForm(request.POST or None)
    plan = None
    if form.is_valid():
        said = form.cleaned_data
        plan = importing.plan(asked_for, said["text"], now())
        if said["shown"] == plan.digest and not plan.faults:
            importing.carry_out(asked_for, plan, reason=said["reason"], actor=keeper)
            return HttpResponseRedirect(reverse("registers-one", args=[asked_for.name]))
        form = ImportForm(initial={**said, "shown": "" if plan.faults else plan.digest})
    told = {
        "register": asked_for,
        "form": form,
        "plan": plan,
        "acts": [(line, asked_for.name_of(line.facts)) for line in plan.lines] if plan else [],
    }
    return render(request, "console/register_import.html", told)


def _standing(asked_for: Register, pk: UUID) -> Version:
    version = queries.entry(asked_for, pk)
    if version.is_over:
        raise NoSuchEntry
    return version


def _seen(request: HttpRequest) -> int:
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    seen: int = form.cleaned_data["seen"]
    return seen


def _to(asked_for: Register, pk: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("registers-entry", args=[asked_for.name, pk]))
