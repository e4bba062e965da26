"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


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
