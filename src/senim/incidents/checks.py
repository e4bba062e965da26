"""What incidents can say about their own good order.

Clauses: R228/81-1 (immediately).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.incidents import personal_data, queries
from senim.kit.checks import Asked, Check, Fault
from senim.kit.moments import written


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


def _tasks(asked: Asked) -> Iterator[Fault]:
    """Tasks of open incidents whose time is over."""
    if number := queries.overdue_tasks(asked.now):
        what = ngettext(
            "%(number)s task of an incident is overdue", "%(number)s tasks of incidents are overdue", number
        )
        yield Fault(what % {"number": number}, _("Do it, or say on the incident's page that it is dropped"))


def _breaches(asked: Asked) -> Iterator[Fault]:
    """Breaches of personal data that another authority is to be told of by people."""
    for duty in personal_data.untold(asked.instance):
        said = {"number": duty.incident.number, "until": written(duty.due_at)}
        if duty.is_late(asked.now):
            what = _("The authority for personal data was to be told of the breach of incident %(number)s by %(until)s")
        else:
            what = _("The authority for personal data is to be told of the breach of incident %(number)s by %(until)s")
        yield Fault(what % said, _("Tell it, then write down on the incident's page that you have"))


def _breaches_due(asked: Asked) -> Iterator[Fault]:
    """Those for which little time is left, or none."""
    for duty in personal_data.untold(asked.instance):
        if duty.due_at - asked.now <= personal_data.LAST_CALL:
            what = _("Incident %(number)s: only until %(until)s to tell the authority for personal data")
            said = {"number": duty.incident.number, "until": written(duty.due_at)}
            yield Fault(what % said, _("Tell it, then write down on the incident's page that you have"))


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
    Check(
        "incidents:tasks",
        gettext_lazy("Tasks of incidents"),
        gettext_lazy("No task of an open incident is overdue."),
        _tasks,
    ),
    Check(
        "incidents:breaches",
        gettext_lazy("Breaches of personal data"),
        gettext_lazy("No breach of personal data waits to be told to the authority for them."),
        _breaches,
    ),
    Check(
        "incidents:breaches-due",
        gettext_lazy("Time to tell of breaches"),
        gettext_lazy("For no breach of personal data the time to tell of it runs out."),
        _breaches_due,
        wakes=timedelta(0),
    ),
)
