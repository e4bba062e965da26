"""What the yearly information can say about its own good order: is it on its way in time?

Clauses: R228/79.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.annual_report import queries
from senim.annual_report.queries import Duty
from senim.kit.checks import Asked, Check, Fault
from senim.kit.moments import local_day
from senim.kit.problems import Text

LAST_CALL = timedelta(days=3)
"""Our choice: when so little time is left and the regulator has nothing, somebody is woken."""
FORETOLD = timedelta(days=50)
"""Our choice: so long before the last day people are reminded; in the last month of the year."""


def _untold(asked: Asked) -> Iterator[Duty]:
    """Years that are over and of which the regulator has nothing."""
    today = local_day(asked.now)
    for duty in queries.duties(asked.instance, asked.now):
        if duty.year < today.year and duty.received_at is None:
            yield duty


def _due(asked: Asked) -> Iterator[Fault]:
    today = local_day(asked.now)
    for duty in _untold(asked):
        yield Fault(_how_long(duty, today), _next_step(duty))


def _how_long(duty: Duty, today: date) -> str:
    """R228/79: not later than the day fixed; that day itself is in time."""
    left = duty.days_left(today)
    said = {"year": duty.year, "day": f"{duty.due_on:%d.%m.%Y}", "number": abs(left)}
    if left < 0:
        text = ngettext(
            "The yearly information for %(year)d was to be submitted by %(day)s, %(number)d day ago",
            "The yearly information for %(year)d was to be submitted by %(day)s, %(number)d days ago",
            -left,
        )
    elif left == 0:
        text = _("The yearly information for %(year)d is to be submitted today, %(day)s")
    else:
        text = ngettext(
            "The yearly information for %(year)d is to be submitted by %(day)s: %(number)d day is left",
            "The yearly information for %(year)d is to be submitted by %(day)s: %(number)d days are left",
            left,
        )
    return text % said


def _next_step(duty: Duty) -> str:
    if duty.filing is None:
        return _("See what its sections lack; the head of the information security unit files it")
    return _("It was filed: see why the regulator's receipt has not come")


def _soon(asked: Asked) -> Iterator[Fault]:
    """Those for which little time is left, or none."""
    today = local_day(asked.now)
    for duty in _untold(asked):
        if timedelta(days=duty.days_left(today)) <= LAST_CALL:
            yield Fault(_how_long(duty, today), _next_step(duty))


def _foretold(asked: Asked) -> Text:
    """A reminder while the year still lasts: registers are easier filled in while people remember."""
    today = local_day(asked.now)
    duty = queries.duty(today.year)
    if duty.due_on - today > FORETOLD:
        return ""
    return _how_long(duty, today)


CHECKS = (
    Check(
        "annual-report:due",
        gettext_lazy("Yearly information"),
        gettext_lazy("The regulator has the information of every year that is over."),
        _due,
        remark=_foretold,
    ),
    Check(
        "annual-report:soon",
        gettext_lazy("Time to submit the yearly information"),
        gettext_lazy("For no yearly information the time to submit it runs out."),
        _soon,
        wakes=timedelta(0),
    ),
)
