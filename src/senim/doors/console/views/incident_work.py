"""How people work on an incident: notes, who has it, tasks, steps, and that another authority was told.

Nothing of it is told to the regulator.
"""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from senim.doors.console.errors import BadRequest, WrongMethod
from senim.doors.console.requests import account_of
from senim.doors.console.views.incidents import incident_of
from senim.identity import queries as identity
from senim.identity.guard import needs
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import personal_data, work
from senim.incidents.errors import BreachNoticeRefused, TaskRefused


@needs(Permission.INCIDENTS_INCIDENT_WORK)
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a note: plain text, never changed afterwards."""
    _raise_if_not_sent(request, pk)
    work.write_note(account_of(request), pk, request.POST.get("text", ""))
    return _back(pk, "notes")


@needs(Permission.INCIDENTS_INCIDENT_WORK)
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the incident, give it to somebody, or give it up."""
    _raise_if_not_sent(request, pk)
    work.assign(account_of(request), pk, _named(request.POST.get("to", "")))
    return _back(pk, "assignee")


class BreachForm(forms.Form):
    """When the authority for personal data was told, and by what that can be found again."""

    told_at = forms.DateTimeField()
    reference = forms.CharField(max_length=personal_data.LONGEST_REFERENCE)


@needs(Permission.INCIDENTS_INCIDENT_CORRECT)
def breach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that the authority for personal data was told of the incident's breach."""
    _raise_if_not_sent(request, pk)
    form = BreachForm(request.POST)
    if not form.is_valid():
        raise BreachNoticeRefused
    personal_data.note_told(account_of(request), pk, **form.cleaned_data)
    return _back(pk, "breach")


class TaskForm(forms.Form):
    """What is to be done, by whom, until when."""

    text = forms.CharField(max_length=work.LONGEST_TASK)
    to = forms.CharField(required=False)
    due_at = forms.DateTimeField(required=False)


class TaskEndForm(forms.Form):
    """Which task, and how it ended."""

    task = forms.IntegerField()
    done = forms.ChoiceField(choices=[("yes", ""), ("no", "")])


@needs(Permission.INCIDENTS_INCIDENT_WORK)
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what is to be done about the incident."""
    _raise_if_not_sent(request, pk)
    form = TaskForm(request.POST)
    if not form.is_valid():
        raise TaskRefused
    said = form.cleaned_data
    work.add_task(account_of(request), pk, said["text"], to=_named(said["to"]), due_at=said["due_at"])
    return _back(pk, "tasks")


@needs(Permission.INCIDENTS_INCIDENT_WORK)
def end_task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a task is done, or dropped."""
    _raise_if_not_sent(request, pk)
    form = TaskEndForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    said = form.cleaned_data
    work.end_task(account_of(request), pk, said["task"], is_done=said["done"] == "yes")
    return _back(pk, "tasks")


@needs(Permission.INCIDENTS_INCIDENT_WORK)
def tick(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tick a step, or take the tick back."""
    _raise_if_not_sent(request, pk)
    said = request.POST.get("done", "")
    if said not in {"yes", "no"}:
        raise BadRequest
    work.tick(account_of(request), pk, request.POST.get("step", ""), is_done=said == "yes")
    return _back(pk, "steps")


def _raise_if_not_sent(request: HttpRequest, pk: UUID) -> None:
    if request.method != "POST":
        raise WrongMethod
    incident_of(request, pk)


def _named(username: str) -> Account | None:
    return identity.account(username) if username else None


def _back(pk: UUID, place: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('incidents-one', args=[pk])}#{place}")
