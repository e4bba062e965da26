"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NoSuchYear(Problem):
    """No information is composed for that year."""

    code = "annual-report:no-such-year"
    status = 404
    title = _("There is no yearly information for this year")
    remedy = _("Ask for the current year or an earlier one, from 2024 on")


class NoSuchFiling(Problem):
    """Nothing was filed under this name."""

    code = "annual-report:no-such-filing"
    status = 404
    title = _("No such yearly information was filed")
    remedy = _("See senim annual-report YEAR")


class MomentAhead(Problem):
    """As of a moment that has not come."""

    code = "annual-report:moment-ahead"
    title = _("What will be known then is not known yet")
    remedy = _("Name a day that has come")


class FilingRefused(Problem):
    """The yearly information is not filed."""

    code = "annual-report:filing-refused"
    status = 409
    title = _("The yearly information was not filed")


class MayNotFile(FilingRefused):
    """Whoever asks has no leave, or has not shown a second factor just now."""

    code = "annual-report:may-not-file"
    status = 403
    remedy = _("The head of the information security unit files it, with a fresh one-time code")


class YearNotOver(FilingRefused):
    """The year still lasts."""

    code = "annual-report:year-not-over"
    remedy = _("It tells of the whole year: file it once the year is over")


class Incomplete(FilingRefused):
    """A section lacks something."""

    code = "annual-report:incomplete"
    remedy = _("Fill in the registers what each section lacks; the page of the year names it")


class Changed(FilingRefused):
    """It says something else than what was shown."""

    code = "annual-report:changed"
    remedy = _("Something changed since it was shown: look at it as it is now, then file it")


class ShownLongAgo(FilingRefused):
    """It was shown too long ago to be filed as it was."""

    code = "annual-report:shown-long-ago"
    remedy = _("Look at it as it is now, then file it")


class NotSet(FilingRefused):
    """No document could be made of it."""

    code = "annual-report:not-set"
    remedy = _("See the draft: what stands in the registers cannot be set as a document")


class WithoutReason(FilingRefused):
    """A correction without a word why."""

    code = "annual-report:without-reason"
    remedy = _("It was filed before: say what this one corrects")
