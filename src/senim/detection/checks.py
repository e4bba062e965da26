"""What detection can say about its own good order: whether it sees at all, and what it cannot see.

Clauses: R228/81-1 (an item that no rule watches for is not detected).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.detection import queries
from senim.detection.models import RuleStatus
from senim.kit.checks import Asked, Check, Fault

SETTLES = timedelta(minutes=2)
"""Our choice: detection writes how its rules stand within seconds of its start; only what lasts wakes somebody."""


def _rules(_asked: Asked) -> Iterator[Fault]:
    rules = queries.rules()
    if not rules.filter(state=RuleStatus.State.LOADED).exists():
        remedy = _("Detection has not started: look at its log on the machine")
        yield Fault(_("No detection rule is in use"), remedy, is_known=False)
    elif number := rules.filter(state=RuleStatus.State.REFUSED).count():
        what = ngettext(
            "%(number)s detection rule is refused and watches for nothing",
            "%(number)s detection rules are refused and watch for nothing",
            number,
        )
        yield Fault(what % {"number": number}, _("On the machine, senim rules says which and why"))


def _kinds(_asked: Asked) -> Iterator[Fault]:
    """Where no rule is in use at all, `_rules` says so."""
    kinds = queries.coverage().kinds
    unwatched = [f"R228/81-1({kind})" for kind, rules in kinds.items() if not rules]
    if unwatched and len(unwatched) < len(kinds):
        what = ngettext(
            "No rule in use watches for %(number)s kind of incident: %(kinds)s",
            "No rule in use watches for %(number)s kinds of incident: %(kinds)s",
            len(unwatched),
        )
        remedy = _("What nobody watches for is not detected; senim rules says which rules there are")
        yield Fault(what % {"number": len(unwatched), "kinds": ", ".join(unwatched)}, remedy)


def _aside(_asked: Asked) -> Iterator[Fault]:
    if number := queries.set_aside().count():
        what = ngettext(
            "%(number)s frame of lines could not be analysed",
            "%(number)s frames of lines could not be analysed",
            number,
        )
        remedy = _("The list on the console says why; read those lines where they come from")
        yield Fault(what % {"number": number}, remedy)


CHECKS = (
    Check(
        "detection:rules",
        gettext_lazy("Detection rules"),
        gettext_lazy("Every detection rule is in use."),
        _rules,
        wakes=SETTLES,
    ),
    Check(
        "detection:kinds",
        gettext_lazy("The six kinds of incident"),
        gettext_lazy("A rule in use watches for each of the six kinds of incident."),
        _kinds,
        wakes=SETTLES,
    ),
    Check(
        "detection:aside",
        gettext_lazy("Lines that are analysed"),
        gettext_lazy("No frame of lines was set aside."),
        _aside,
        wakes=SETTLES,
    ),
)
