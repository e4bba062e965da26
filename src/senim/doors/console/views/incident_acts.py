"""What people do to an incident: each act on a page of its own, which says what will happen and asks for a reason.

Two clicks: the link on the incident's page, the button on the act's. A one-time code is asked for in between where none
was given just now, because the regulator is told of every act at once.

Clauses: R228/81-1.
"""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from senim.doors.console import words
from senim.doors.console.acts import ACTS
from senim.doors.console.requests import account_of
from senim.doors.console.views.incidents import incident_of
from senim.identity.guard import is_fresh, needs
from senim.incidents import acts, assessment, deeds, dossier, queries
from senim.incidents.deeds import Assess, Close, Deed, Downtime, Merge, Regrade, Reinstate, Split, Withdraw
from senim.incidents.errors import BreachAtNoTime
from senim.incidents.models import Incident
from senim.kit.clock import now

_LISTED = 200
"""How many alerts or incidents can be chosen from; the newest."""


class ActForm(forms.Form):
    """Why; and which act the page showed last, so that nobody decides on what has changed meanwhile."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What you saw and why you decide so. The regulator reads it, and it stays in the audit log."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, incident: Incident, said: QueryDict | None) -> None:
        super().__init__(said, initial={"seen": incident.revision})
        self.incident = incident
        self.prepare()

    def prepare(self) -> None:
        """Offer what there is to choose from."""

    def deed(self) -> Deed:
        """What was asked for."""
        raise NotImplementedError


class WithdrawForm(ActForm):
    """It was none."""

    def deed(self) -> Deed:
        """Withdraw it."""
        return Withdraw()


class ReinstateForm(ActForm):
    """It is one after all."""

    def deed(self) -> Deed:
        """Reinstate it."""
        return Reinstate()


class AssessForm(ActForm):
    """How grave it is and what it touches; what was said before stands in it."""

    severity = forms.ChoiceField(
        label=_("Severity"), choices=list(assessment.SEVERITIES.items()), widget=forms.RadioSelect
    )
    systems = forms.CharField(
        label=_("Information systems concerned"),
        help_text=_("One a line, by the names that the bureau uses."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    touched = forms.MultipleChoiceField(
        label=_("Data concerned"),
        choices=list(assessment.DATA.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    clients = forms.IntegerField(
        label=_("Clients concerned"),
        help_text=_("How many; leave it empty where that is not known yet."),
        required=False,
        min_value=0,
        max_value=assessment.MOST_CLIENTS,
    )
    personal_data_breach = forms.ChoiceField(
        label=_("Personal data"), choices=list(assessment.BREACHES.items()), widget=forms.RadioSelect
    )
    breach_known_at = forms.DateTimeField(
        label=_("The breach is known since"),
        help_text=_("Only where there was one: from then on there is one working day to tell the other authority."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"),
    )
    field_order = (
        *("seen", "severity", "systems", "touched", "clients", "personal_data_breach", "breach_known_at"),
        "reason",
    )

    def prepare(self) -> None:
        """Show what was said last; where nobody has, nothing is chosen for whoever decides."""
        said = self.incident.assessment or {}
        before = {"systems": "\n".join(said.get("systems", ())), "touched": said.get("data", ())}
        self.initial.update({**said, **before, "breach_known_at": self.incident.breach_known_at})

    def clean_systems(self) -> tuple[str, ...]:
        """One system a line, each once."""
        lines = (line.strip()[:255] for line in self.cleaned_data["systems"].splitlines())
        systems = tuple(dict.fromkeys(line for line in lines if line))
        if len(systems) > assessment.MOST_SYSTEMS:
            raise forms.ValidationError(
                _("Name at most %(number)s systems"), params={"number": assessment.MOST_SYSTEMS}
            )
        return systems

    def clean(self) -> None:
        """A breach has a time at which it was known, one that can be true; and nothing else has."""
        super().clean()
        breach, known = self.cleaned_data.get("personal_data_breach"), self.cleaned_data.get("breach_known_at")
        first = self.incident.first_event_at
        if breach and not assessment.is_said_rightly(assessment.Breach(breach), known, since=first, now=now()):
            self.add_error("breach_known_at", BreachAtNoTime.remedy)

    def deed(self) -> Deed:
        """Assess it."""
        said = self.cleaned_data
        assessed = assessment.Assessment(
            severity=assessment.Severity(said["severity"]),
            personal_data_breach=assessment.Breach(said["personal_data_breach"]),
            systems=said["systems"],
            data=tuple(assessment.Data(each) for each in said["touched"]),
            clients=said["clients"],
        )
        return Assess(said=assessed, breach_known_at=said["breach_known_at"])


class CloseForm(ActForm):
    """It is over."""

    cause = forms.CharField(label=_("Cause"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    measures = forms.CharField(label=_("Measures taken"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    field_order = ("seen", "cause", "measures", "reason")

    def deed(self) -> Deed:
        """Close it."""
        return Close(cause=self.cleaned_data["cause"], measures=self.cleaned_data["measures"])


class DowntimeForm(ActForm):
    """From when until when systems were down."""

    began = forms.DateTimeField(label=_("Down since"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    ended = forms.DateTimeField(label=_("Up again"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    field_order = ("seen", "began", "ended", "reason")

    def deed(self) -> Deed:
        """Tell of it."""
        return Downtime(began=self.cleaned_data["began"], ended=self.cleaned_data["ended"])


class RegradeForm(ActForm):
    """Which kind it is."""

    kind = forms.TypedChoiceField(label=_("Kind of incident"), coerce=int, widget=forms.RadioSelect)
    field_order = ("seen", "kind", "reason")

    def prepare(self) -> None:
        """All kinds but the one that it has."""
        others = [(kind.value, text) for kind, text in words.KINDS.items() if kind != self.incident.kind]
        self.fields["kind"].choices = [(value, f"{value} · {text}") for value, text in others]  # type: ignore[attr-defined]

    def deed(self) -> Deed:
        """Grade it anew."""
        return Regrade(kind=self.cleaned_data["kind"])


class MergeForm(ActForm):
    """Of which incident it is a part."""

    into = forms.TypedChoiceField(label=_("Part of"), coerce=UUID, widget=forms.RadioSelect)
    field_order = ("seen", "into", "reason")

    def prepare(self) -> None:
        """The incidents that could take it."""
        found = dossier.could_take(self.incident)[:_LISTED]
        told = [(str(each.pk), f"{each.number} · {words.kind_of(each.kind)} · {each.target}") for each in found]
        self.fields["into"].choices = told  # type: ignore[attr-defined]

    def deed(self) -> Deed:
        """Merge it."""
        return Merge(into=self.cleaned_data["into"])


class SplitForm(ActForm):
    """Which of its alerts are an incident of their own."""

    alerts = forms.TypedMultipleChoiceField(
        label=_("Alerts that are an incident of their own"), coerce=UUID, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("seen", "alerts", "reason")

    def prepare(self) -> None:
        """The alerts that are in it."""
        found = queries.alerts_of(self.incident)[:_LISTED]
        told = [(str(each.pk), words.alert_line(each)) for each in found]
        self.fields["alerts"].choices = told  # type: ignore[attr-defined]

    def deed(self) -> Deed:
        """Split them off."""
        return Split(alerts=tuple(self.cleaned_data["alerts"]))


def _view(deed: type[Deed], form_class: type[ActForm]) -> Callable[..., HttpResponse]:
    """The page of one act. What is refused is shown with the reason and the next step (`errors.respond`)."""

    @needs(acts.NEEDS[deed], fresh=True)
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        incident = incident_of(request, pk)
        form = form_class(incident, request.POST or None)
        if form.is_valid():
            said = {"seen": form.cleaned_data["seen"], "reason": form.cleaned_data["reason"]}
            acts.decide(account_of(request), pk, form.deed(), fresh_second_factor=is_fresh(request), **said)
            return HttpResponseRedirect(reverse("incidents-one", args=[pk]))
        told = {"incident": incident, "form": form, "act": ACTS[deeds.name_of(deed)]}
        return render(request, "console/incident_act.html", told)

    return view


assess = _view(Assess, AssessForm)
close = _view(Close, CloseForm)
downtime = _view(Downtime, DowntimeForm)
merge = _view(Merge, MergeForm)
regrade = _view(Regrade, RegradeForm)
reinstate = _view(Reinstate, ReinstateForm)
split = _view(Split, SplitForm)
withdraw = _view(Withdraw, WithdrawForm)
