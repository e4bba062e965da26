"""What can be said of the history's good order: whether every line that was accepted is kept, and whether it keeps up.

The history's files are read, so only the console and whoever is at the machine can ask: the worker sees no file of it.
Nothing here wakes anybody. What would make it worse does: its process stands still, or frames pass it by, of which the
sources say so (`pulse.checks`, `telemetry.checks`).

Clauses: R228/81-2 (events that were collected are not lost in silence).
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.history.completeness import closings
from senim.history.errors import HistoryAbsent, HistoryUnreadable, HistoryUnsure, SearchesBusy
from senim.history.history import History
from senim.kit.checks import Asked, Check, Fault


def _missing(asked: Asked) -> Iterator[Fault]:
    """Lines that were accepted and are not kept. Of those that never arrived `telemetry.checks` says so."""
    try:
        lines = sum(one.passed_by for one in closings(History(asked.instance)))
    except (HistoryAbsent, HistoryUnreadable, HistoryUnsure, SearchesBusy) as refusal:
        yield Fault(refusal.title, refusal.remedy, is_known=False)
        return
    if lines:
        what = ngettext(
            "%(number)s line is missing from the event history",
            "%(number)s lines are missing from the event history",
            lines,
        )
        remedy = _("The gaps name each by its number; read them where they come from")
        yield Fault(what % {"number": lines}, remedy)


def _behind(asked: Asked) -> Iterator[Fault]:
    how_far = History(asked.instance).standing().behind(asked.now)
    if how_far.is_late:
        log, room = _("Look at its log on the machine: history"), _("Make room on the disk: it is nearly full")
        remedy = log if how_far.has_room else room
        yield Fault(_("The event history is behind"), remedy, is_known=how_far.by is not None)


CHECKS = (
    Check(
        "history:missing",
        gettext_lazy("The event history is whole"),
        gettext_lazy("Every line that was accepted is kept, or has left after its time."),
        _missing,
    ),
    Check(
        "history:behind",
        gettext_lazy("The event history keeps up"),
        gettext_lazy("The event history has what was read a minute ago."),
        _behind,
    ),
)
