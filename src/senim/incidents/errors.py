"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NotOneOfTheSix(Problem):
    """An alert that nobody has graded as one of the kinds of R228/81-1."""

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


class DecisionRefused(Problem):
    """An alert about which this cannot be decided."""

    code = "incidents:decision-refused"
    status = 409
    title = _("Nothing was decided about the alert")


class MayNotDecide(DecisionRefused):
    """Whoever asks has no leave, or grades without a second factor shown just now."""

    code = "incidents:may-not-decide"
    status = 403
    remedy = _("Sign in as an analyst; grading as an incident needs a fresh one-time code")


class AlreadyDecided(DecisionRefused):
    """Somebody has decided before; a decision is not changed."""

    code = "incidents:already-decided"
    remedy = _("Open the alert again: it says who decided what, and why")


class GradedByItsRule(DecisionRefused):
    """The rule has graded the alert: its incident opens by itself."""

    code = "incidents:graded-by-its-rule"
    remedy = _("Open the alert again: its incident opens by itself")


class NoReason(DecisionRefused):
    """A decision without a reason."""

    code = "incidents:no-reason"
    status = 422
    remedy = _("Say in a sentence what you saw and why you decide so")
