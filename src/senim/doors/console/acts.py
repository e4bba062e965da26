"""How acts about an incident are called, and what each will do: said before it is done."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ActText:
    """How an act is called, what it will do, and what its button says."""

    title: str | Promise
    effect: str | Promise
    button: str | Promise
    is_grave: bool = False
    """Whether it takes something back or ends something."""


ACTS = {
    "assess": ActText(
        _("Assess"),
        _(
            "The regulator is told at once how grave the incident is and which systems, data and clients it concerns."
            " It can be assessed anew at any time; it is closed only when it is assessed."
        ),
        _("Assess and tell the regulator"),
    ),
    "withdraw": ActText(
        _("Withdraw"),
        _(
            "The regulator is told at once that this was no incident, with your reason. It stays on record and counts"
            " in no statistics. It takes in no more alerts: the next one of this kind opens a new incident. It can be"
            " reinstated."
        ),
        _("Withdraw and tell the regulator"),
        is_grave=True,
    ),
    "reinstate": ActText(
        _("Reinstate"),
        _("The regulator is told at once that this is an incident after all. It is open again and counts again."),
        _("Reinstate and tell the regulator"),
    ),
    "close": ActText(
        _("Close"),
        _(
            "The regulator is told at once that it is over, with cause and measures. Kind and downtime can still be"
            " corrected. A new alert opens a new incident."
        ),
        _("Close and tell the regulator"),
    ),
    "regrade": ActText(
        _("Correct the kind"),
        _(
            "The regulator is told at once that the incident is of another kind. Alerts that their rule grades"
            " as before still join it."
        ),
        _("Correct and tell the regulator"),
    ),
    "downtime": ActText(
        _("Tell of downtime"),
        _("The regulator is told at once how long information systems were down."),
        _("Tell the regulator"),
    ),
    "merge": ActText(
        _("Merge"),
        _(
            "This incident ends as a part of the one that you choose: its alerts move there, and later ones follow."
            " The regulator is told of it about both. An exercise is never merged with anything else."
        ),
        _("Merge and tell the regulator"),
        is_grave=True,
    ),
    "split": ActText(
        _("Split"),
        _(
            "The alerts that you choose become an incident of their own. Its first notice goes to the regulator at"
            " once, and an update of this one names it."
        ),
        _("Split and tell the regulator"),
    ),
}
