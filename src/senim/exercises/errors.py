"""Why an exercise or a measurement came to nothing."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NotPlayed(Problem):
    """The attack could not be carried through; what the house makes of it would show nothing."""

    code = "exercises:not-played"
    status = 503
    title = _("The exercise was not played")


class ConsoleAway(NotPlayed):
    """The console's door does not answer."""

    code = "console:away"
    title = _("The console does not answer")
    remedy = _("See that the house runs (`senim up`), then try again")


class DoorRefused(NotPlayed):
    """The console did not let us do that; carries what it said."""

    code = "exercises:refused-by-console"
    title = _("The exercise was not played: the console refused")


class CodeRefused(DoorRefused):
    """The password was right and the one-time code is wrong or spent."""

    code = "exercises:code-refused"


class CodeTooOld(DoorRefused):
    """The console asks for a one-time code that was given just now."""

    code = "exercises:code-too-old"


class NotMeasured(Problem):
    """A benchmark came to nothing; says why."""

    code = "exercises:not-measured"
    status = 503
    title = _("Nothing could be measured")
