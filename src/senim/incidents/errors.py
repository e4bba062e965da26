"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NotOneOfTheSix(Problem):
    """An alert that no rule has graded as one of the kinds of R228/81-1."""

    code = "incidents:not-one-of-the-six"
    status = 409
    title = _("This is none of the six kinds of incident")
    remedy = _("An analyst looks at the alert and grades it")


class ExerciseRefused(Problem):
    """An exercise that must not be played."""

    code = "incidents:exercise-refused"
    status = 403
    title = _("The exercise is refused")


class NotPermitted(ExerciseRefused):
    """Whoever asks has no leave, or has not shown a second factor just now."""

    code = "incidents:exercise-not-permitted"
    remedy = _("Sign in as an administrator and give a fresh one-time code")


class RealRegulator(ExerciseRefused):
    """The message of an exercise would reach the real regulator."""

    code = "incidents:exercise-real-regulator"
    status = 409
    remedy = _("Exercises are played on a demonstration instance, whose recipient is a stand-in")
