"""What incidents can say about their own good order.

Clauses: R228/81-1 (immediately).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.incidents import queries
from senim.kit.checks import Asked, Check, Fault


def _unopened(asked: Asked) -> Iterator[Fault]:
    """Graded alerts without an incident: their handler has not run."""
    if number := queries.overdue_alerts(asked.before):
        what = ngettext(
            "%(number)s graded alert has no incident: the regulator does not know of it",
            "%(number)s graded alerts have no incident: the regulator does not know of them",
            number,
        )
        remedy = _("The worker does not work: look at its log on the machine")
        yield Fault(what % {"number": number}, remedy)


def _waiting(_asked: Asked) -> Iterator[Fault]:
    """Alerts that their rule does not grade and no person has decided about."""
    if number := queries.waiting_alerts():
        what = ngettext("%(number)s alert waits for a person", "%(number)s alerts wait for a person", number)
        remedy = _("Look at the evidence, then grade the alert as an incident or dismiss it with a reason")
        yield Fault(what % {"number": number}, remedy)


CHECKS = (
    Check(
        "incidents:unopened",
        gettext_lazy("Incidents open at once"),
        gettext_lazy("Every graded alert has its incident."),
        _unopened,
        wakes=timedelta(0),
    ),
    Check(
        "incidents:waiting",
        gettext_lazy("Alerts that wait"),
        gettext_lazy("No alert waits for a person."),
        _waiting,  # each such alert wakes somebody by itself (oncall)
    ),
)
