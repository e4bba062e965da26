"""*On call*: who is woken, in which order; who was, and who answered. Editing the list.

Clauses: R228/81-1 (immediately).
"""

from enum import StrEnum
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from senim.doors.console import words
from senim.doors.console.errors import NotFound
from senim.doors.console.lists import Column, Listing, chosen
from senim.doors.console.requests import account_of
from senim.identity import queries as identity
from senim.identity.guard import is_fresh, needs
from senim.identity.models import Account
from senim.identity.permissions import GRANTED, Permission, Role
from senim.kit.clock import now
from senim.oncall import operations, queries, roster
from senim.oncall.models import Cause, Contact, Duty, Page
from senim.oncall.queries import PageState

LATEST = 10
READ = Permission.INCIDENTS_INCIDENT_READ


class StateChoice(StrEnum):
    """`?state=open`: what waits for an answer, besides each state of a page."""

    OPEN = "open"
    ANSWERED, OVER, ESCALATED = PageState.ANSWERED, PageState.OVER, PageState.ESCALATED
    SENT, WAITING = PageState.SENT, PageState.WAITING


COLUMNS = (
    Column("at", _("Time"), lambda p: p.at, "at"),
    Column("kind", _("Because of"), lambda p: p.cause.kind),
    Column("subject", _("Because of"), lambda p: p.cause.subject, shown=False),
    Column("who", _("Who"), lambda p: str(p.account), "account__username"),
    Column("step", _("Step"), lambda p: p.step, "step", "number wide"),
    Column("sent_by", _("By"), lambda p: p.letter.sent_by, "", "wide"),
    Column("sent_at", _("Sent"), lambda p: p.letter.sent_at, shown=False),
    Column("state", _("State"), lambda p: p.state),
    Column("answered_by", _("Answered by"), lambda p: str(p.cause.answered_by or ""), "", "wide"),
    Column("answered_at", _("Answered"), lambda p: p.cause.answered_at, shown=False),
    Column("exercise", _("Exercise"), lambda p: p.cause.exercise, shown=False),
)


@needs(READ)
def page(request: HttpRequest) -> HttpResponse:
    """Who is on call now, the list, the latest pages."""
    account, moment = account_of(request), now()
    told = {
        "people": [(each, queries.ways(each)) for each in queries.on_call(moment)],
        "duties": queries.duties(),
        "latest": queries.access_pages(account)[:LATEST],
        "may_edit": account.may(Permission.ONCALL_LIST_EDIT),
        "ways": queries.ways(account),
        "tested": request.GET.get("tested") == "yes",
    }
    return render(request, "console/oncall.html", told)


@needs(READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Every page that was written, by state."""
    listing = Listing(request, "pages", _filtered(request, account_of(request)), COLUMNS)
    states = [("open", words.OPEN_PAGES), *((state.value, text) for state, (text, _tone) in words.PAGE_STATES.items())]
    told = {"listing": listing, "states": states, "asked": request.GET}
    return listing.export() or render(request, "console/oncall_pages.html", told)


def _filtered(request: HttpRequest, account: Account) -> QuerySet[Page]:
    found = queries.access_pages(account)
    state = chosen(request, "state", StateChoice)
    if state is StateChoice.OPEN:
        return found.filter(cause__answered_at=None, cause__over_at=None)
    return found.filter(Exact(F("state"), state.value)) if state else found


@needs(READ)
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One page: why, who was woken, by which tries, and whether somebody is on it."""
    found = _page(pk)
    told = {
        "page": found,
        "woken": queries.pages_about_cause(found.cause),
        "attempts": found.letter.attempts.all(),
        "address": _address_of(found.cause),
        "may_answer": account_of(request).may(Permission.ONCALL_PAGE_ANSWER),
    }
    return render(request, "console/oncall_page.html", told)


def _page(pk: UUID) -> Page:
    found = queries.page(pk)
    if found is None:
        raise NotFound
    return found


def _address_of(cause: Cause) -> str:
    """Where what it is about can be seen."""
    subject = cause.subject.partition(":")[2]
    match cause.kind:
        case Cause.Kind.INCIDENT:
            return reverse("incidents-one", args=[subject])
        case Cause.Kind.ALERT:
            return reverse("alerts-one", args=[subject])
        case Cause.Kind.TROUBLE:
            return reverse("doctor")
    return ""


@needs(Permission.ONCALL_PAGE_ANSWER)
@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that one is on it."""
    operations.answer(account_of(request), _page(pk).cause)
    return HttpResponseRedirect(reverse("oncall-page", args=[pk]))


@needs(Permission.ONCALL_PAGE_ANSWER)
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Ask for a test page to oneself."""
    operations.ask_for_test(account_of(request))
    return HttpResponseRedirect(f"{reverse('oncall')}?tested=yes")


class DutyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A line of the list."""

    class Meta:
        model = Duty
        fields = ("account", "place", "since", "until", "every_weeks")
        labels = {
            "account": _("Who"),
            "place": _("Place"),
            "since": _("From"),
            "until": _("Until"),
            "every_weeks": _("Every so many weeks"),
        }
        help_texts = {
            "place": _("1 is woken first."),
            "until": _("The last day; empty: until further notice."),
            "every_weeks": _("1: every week. With three people who take turns: 3, each from a Monday of their own."),
        }
        widgets = {
            "since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # Who may not answer is not woken.
        roles = [role.value for role in Role if Permission.ONCALL_PAGE_ANSWER in GRANTED[role]]
        awake = identity.accounts().filter(is_active=True, role__in=roles)
        self.fields["account"].queryset = awake  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """How somebody is reached."""

    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=16,
        help_text=_("With the country: +77…"),
        widget=forms.TextInput,
    )
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    webhook = forms.CharField(
        label=_("Webhook"), required=False, max_length=300, help_text=_("At a host that senim.toml allows.")
    )


@needs(Permission.ONCALL_LIST_EDIT, fresh=True)
def add_duty(request: HttpRequest) -> HttpResponse:
    """Put somebody on the list."""
    roster.require_editor(account_of(request), fresh_second_factor=is_fresh(request))
    form = DutyForm(request.POST or None, initial={"since": localdate(), "place": 1, "every_weeks": 1})
    if form.is_valid():
        said = form.cleaned_data
        roster.add_duty(
            said["account"],
            place=said["place"],
            since=said["since"],
            until=said["until"],
            every_weeks=said["every_weeks"],
            actor=account_of(request).as_actor(),
        )
        return HttpResponseRedirect(reverse("oncall"))
    return render(request, "console/oncall_duty.html", {"form": form})


@needs(Permission.ONCALL_LIST_EDIT, fresh=True)
def end_duty(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take somebody off the list, after having looked once more who it is."""
    editor = account_of(request)
    roster.require_editor(editor, fresh_second_factor=is_fresh(request))
    duty = get_object_or_404(queries.duties(), pk=pk)
    if request.method == "POST":
        roster.end_duty(duty, actor=editor.as_actor())
        return HttpResponseRedirect(reverse("oncall"))
    return render(request, "console/oncall_end.html", {"duty": duty})


@needs(Permission.ONCALL_LIST_EDIT, fresh=True)
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How somebody is reached."""
    editor = account_of(request)
    roster.require_editor(editor, fresh_second_factor=is_fresh(request))
    whose = get_object_or_404(identity.accounts(), pk=pk)
    known = Contact.objects.filter(account=whose).values("phone", "email", "webhook").first()
    form = ContactForm(request.POST or None, initial=dict(known) if known else None)
    if form.is_valid() and _kept(form, whose, editor):
        return HttpResponseRedirect(reverse("oncall"))
    return render(request, "console/oncall_contact.html", {"form": form, "whose": whose})


def _kept(form: ContactForm, whose: Account, editor: Account) -> bool:
    try:
        roster.set_contact(whose, **form.cleaned_data, actor=editor.as_actor())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
