"""What the history refuses, by name."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class HistoryAbsent(Problem):
    """There is no history to look into."""

    code = "history:absent"
    status = 503
    title = _("There is no event history yet")
    remedy = _("Look whether the process history runs; its log on the machine says what keeps it")


class HistoryNotPermitted(Problem):
    """This account may not look into the history."""

    code = "history:not-permitted"
    status = 403
    title = _("Your role may not look into the event history")
    remedy = _("Ask an analyst or the head of the information security unit")


class HistoryUnreadable(Problem):
    """The history cannot be read now."""

    code = "history:unreadable"
    status = 503
    title = _("The event history cannot be read")
    remedy = _("Try again; if it fails again, look at the log of the process history on the machine")


class HistoryUnsure(Problem):
    """Lines are not there, and nobody can say whether they come."""

    code = "history:unsure"
    status = 503
    title = _("Nobody knows whether lines are missing from the event history or on their way")
    remedy = _("Look whether the process history runs; its log on the machine says what keeps it")


class SearchesBusy(Problem):
    """As many searches as we allow are under way."""

    code = "history:busy"
    status = 503
    title = _("Other searches are under way")
    remedy = _("Try again in a few seconds")


class UnknownEvent(Problem):
    """The history does not hold this line."""

    code = "history:unknown-event"
    status = 404
    title = _("The history does not hold this event")
    remedy = _("It may have left after its time, not have arrived yet, or be missing: look at the gaps")


class TooManyEvents(Problem):
    """More events than one export may take out."""

    code = "history:too-many"
    status = 400
    title = _("These are more events than one export may hold")
    remedy: ClassVar = _("Choose a shorter time, or filter more closely")
