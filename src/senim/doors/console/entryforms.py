"""The forms of registers: made of what the register says of its fields, so that no register has a form of its own."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from senim.identity import queries as identity
from senim.registers.errors import FactsRefused
from senim.registers.fields import Day, Field, Line, Prose, Word
from senim.registers.models import Version
from senim.registers.register import Register

_DATE = {"type": "date"}


class EntryForm(forms.Form):
    """An entry's facts, its owner, its day of review, and why it is written."""

    def __init__(self, register: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in register.fields:
            self.fields[each.name] = _asked(each)
        owners = identity.accounts().filter(is_active=True)
        self.fields["owner"] = forms.ModelChoiceField(owners, label=_("Owner"), help_text=_("Who answers for it."))
        self.fields["review_on"] = forms.DateField(
            label=_("Review on"),
            widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            help_text=_("The day on which the owner looks at it again at the latest."),
        )
        self.fields["reason"] = _reason()
        self._register = register

    @property
    def facts(self) -> dict[str, str]:
        """What was entered into the register's fields."""
        return {each.name: self.cleaned_data[each.name] for each in self._register.fields}

    def refuse(self, refusal: FactsRefused) -> None:
        """Show beside each field what the register does not take."""
        for name, reasons in refusal.by_field.items():
            for reason in reasons:
                self.add_error(name, str(reason))


class SeenForm(forms.Form):
    """The number of the version that whoever fills in the form looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class EndForm(SeenForm):
    """Why an entry ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = _reason()


class ImportForm(forms.Form):
    """A file's text, why it is brought in, and by its digest what was shown of it."""

    text = forms.CharField(
        label=_("The file's text"),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "fixed"}),
        strip=False,
        help_text=_("CSV as the export of this register has it. A line without an entry adds one."),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = _reason()


def initial(version: Version) -> dict[str, object]:
    """What the form of the next version begins with."""
    return {**version.facts, "owner": version.owner_id, "review_on": version.review_on}


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Why it is written; stands in the history and in the audit log."),
    )


def _asked(field: Field) -> forms.Field:
    """`field` as a form asks for it. What it takes, the register says: once, and for files and commands alike."""
    common: dict[str, Any] = {"label": field.title, "help_text": field.help, "required": False}
    if isinstance(field, Word):
        none = [] if field.required else [("", "—")]
        return forms.ChoiceField(choices=[*none, *field.words.items()], **common)
    if isinstance(field, Day):
        return forms.CharField(widget=forms.TextInput(attrs=_DATE), **common)
    if isinstance(field, Prose) and not isinstance(field, Line):
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **common)
    return forms.CharField(**common)
