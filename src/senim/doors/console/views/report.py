"""*Yearly information*: what is due, the six sections as they stand, what they lack, filing, what was filed.

Clauses: R228/79, R228/80.
"""

from datetime import datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from senim.annual_report import operations, queries
from senim.annual_report.composing import Composed, Content, compose
from senim.annual_report.difference import EntryChange, differences
from senim.annual_report.document import document
from senim.annual_report.errors import NoSuchFiling
from senim.annual_report.models import Filing
from senim.annual_report.typesetting import LANGUAGES, pdf
from senim.doors.console.errors import BadRequest
from senim.doors.console.requests import account_of
from senim.identity.guard import is_fresh, needs
from senim.identity.permissions import Permission
from senim.kit.clock import from_iso, iso
from senim.kit.clock import now as read_clock
from senim.kit.moments import local_day

READ = Permission.ANNUAL_REPORT_REPORT_READ


class FilingForm(forms.Form):
    """Which one was shown, and why it is filed again."""

    as_of = forms.CharField(max_length=32, widget=forms.HiddenInput)
    sha256 = forms.RegexField("^[0-9a-f]{64}$", widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What it corrects"),
        help_text=_("The regulator reads it, and it stays in the audit log."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_as_of(self) -> datetime:
        """The moment that it says. Raises `ValidationError` for anything else."""
        try:
            return from_iso(self.cleaned_data["as_of"])
        except ValueError:
            raise forms.ValidationError("as_of") from None


@needs(READ)
def overview(request: HttpRequest) -> HttpResponse:
    """The years that this house owes, and those of which anything was filed: what the regulator has, and since when."""
    now = read_clock()
    today = local_day(now)
    owed = {duty.year: duty for duty in queries.duties(settings.SENIM_INSTANCE, now)}
    others = {*queries.years_filed(), today.year - 1} - owed.keys()
    duties = {**owed, **{year: queries.duty(year) for year in others}}
    told = [
        {
            "duty": duties[year],
            "days_left": duties[year].days_left(today),
            "is_over": year < today.year,
            "is_owed": year in owed,
        }
        for year in sorted(duties, reverse=True)
    ]
    return render(request, "console/report.html", {"years": told})


@needs(READ)
def shown(request: HttpRequest, year: int) -> HttpResponse:
    """The information of a year as it stands now: six sections, what they lack, what was filed before."""
    composed = _now(year)
    filings = list(queries.filings(year))
    duty, today = queries.duty(year), local_day(read_clock())
    told = {
        "composed": composed,
        "document": document(composed.content),
        "lacks": _lacks(composed),
        "duty": duty,
        "days_left": duty.days_left(today),
        "is_over": year < today.year,
        "is_owed": year in {each.year for each in queries.duties(settings.SENIM_INSTANCE, read_clock())},
        "filings": filings,
        "differences": _differences(year, composed.content),
        "before": year - 1,
        "may_file": account_of(request).may(Permission.ANNUAL_REPORT_REPORT_FILE),
        "written_in": LANGUAGES,
    }
    return render(request, "console/report_year.html", told)


def _now(year: int) -> Composed:
    return compose(settings.SENIM_INSTANCE, year, read_clock())


def _lacks(composed: Composed) -> dict[int, list[tuple[object, object, str]]]:
    """Section → what it lacks: the register, the lack, the name of the entry."""
    names = {
        entry["entry"]: (told["register"], entry["facts"])
        for section in composed.content["sections"]
        for told in section["registers"]
        for entry in told["entries"]
    }
    return {
        number: [
            (register, lack, register.name_of(names[str(lack.entry)][1]) if lack.entry else "")
            for register, lack in lacks
        ]
        for number, lacks in composed.lacks.items()
    }


def _differences(year: int, content: Content) -> dict[int, list[EntryChange]] | None:
    """What is otherwise than in the information of the year before; None where nothing was filed then."""
    before = queries.newest_told(year - 1)
    return None if before is None else differences(before.report.composed, content)


@needs(Permission.ANNUAL_REPORT_REPORT_FILE, fresh=True)
def file(request: HttpRequest, year: int) -> HttpResponse:
    """File it: what is shown here is composed anew by the worker, and only what comes out alike is told."""
    form = FilingForm(request.POST or None)
    if request.method == "POST":
        if not form.is_valid():
            raise BadRequest
        said = form.cleaned_data
        composed = compose(settings.SENIM_INSTANCE, year, said["as_of"])
        fresh = is_fresh(request)
        operations.file(
            account_of(request), composed, sha256=said["sha256"], reason=said["reason"], fresh_second_factor=fresh
        )
        return HttpResponseRedirect(reverse("report-year", args=[year]))
    composed = _now(year)
    operations.raise_unless_good(composed, composed.sha256)
    form = FilingForm(initial={"as_of": iso(composed.moment), "sha256": composed.sha256})
    told = {
        "composed": composed,
        "document": document(composed.content),
        "form": form,
        "is_correction": queries.newest_told(year) is not None,
    }
    return render(request, "console/report_file.html", told)


@needs(READ)
def draft(request: HttpRequest, year: int, language: str) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The PDF as it would be now, marked as a draft."""
    made = pdf(_now(year).content, _known(language), draft=True)
    return _download(made, f"senim-{year}-draft-{language}.pdf", "application/pdf")


@needs(READ)
def filed(request: HttpRequest, pk: UUID, language: str) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The PDF that was filed."""
    filing = queries.filing(pk)
    name = f"{_name(filing)}-{language}.pdf"
    return _download(filing.report.pdf(_known(language)), name, "application/pdf")


@needs(READ)
def twin(request: HttpRequest, pk: UUID) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The machine-readable twin that was filed, to the byte."""
    filing = queries.filing(pk)
    return _download(filing.report.content.encode(), f"{_name(filing)}.json", "application/json")


def _name(filing: Filing) -> str:
    return f"senim-{filing.year}-{filing.number}"


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NoSuchFiling
    return language


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
