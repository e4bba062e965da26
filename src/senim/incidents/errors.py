"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NoSuchIncident(Problem):
    """No incident is called so."""

    code = "incidents:no-such-incident"
    status = 404
    title = _("There is no such incident")
    remedy = _("See senim incidents list")


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


class ActRefused(Problem):
    """An act about an incident that cannot be done."""

    code = "incidents:act-refused"
    status = 409
    title = _("Nothing was done to the incident")


class MayNotAct(ActRefused):
    """Whoever asks has no leave, or tells the regulator without a second factor shown just now."""

    code = "incidents:may-not-act"
    status = 403
    remedy = _("Sign in as an analyst; what the regulator is told of needs a fresh one-time code")


class ActWithoutReason(ActRefused):
    """An act without a reason."""

    code = "incidents:act-without-reason"
    status = 422
    remedy = _("Say in a sentence why: the regulator reads it as well")


class SomebodyWasFaster(ActRefused):
    """Another act about the incident was decided meanwhile."""

    code = "incidents:somebody-was-faster"
    remedy = _("Open the incident again: it says who did what meanwhile; then decide anew")


class NotInThisState(ActRefused):
    """The incident is closed, withdrawn or merged."""

    code = "incidents:not-in-this-state"
    remedy = _("Open the incident again: its state does not allow this")


class SameIncident(ActRefused):
    """An incident merged into itself."""

    code = "incidents:same-incident"
    remedy = _("Choose another incident")


class OtherNotOpen(ActRefused):
    """The incident into which it should go does not exist or is not open."""

    code = "incidents:other-not-open"
    remedy = _("Choose an incident that is open")


class ExerciseAndReal(ActRefused):
    """An exercise and a real incident, or two exercises, as one."""

    code = "incidents:exercise-and-real"
    remedy = _("An exercise never becomes part of anything else: merge it with what came of the same exercise only")


class SameKind(ActRefused):
    """Graded as what it is graded as already."""

    code = "incidents:same-kind"
    remedy = _("Choose another kind")


class AlertsNotInIt(ActRefused):
    """Alerts that are not in the incident, or not any more."""

    code = "incidents:alerts-not-in-it"
    remedy = _("Open the incident again and choose among the alerts that are in it")


class NothingLeft(ActRefused):
    """All alerts of an incident split off: that would be the same incident under another number."""

    code = "incidents:nothing-left"
    remedy = _("Leave at least one alert in the incident")


class DowntimeImpossible(ActRefused):
    """A downtime that ends before it begins, or lasts no time."""

    code = "incidents:downtime-impossible"
    status = 422
    remedy = _("Say when the systems went down and when they were up again, in this order")


class NotAssessed(ActRefused):
    """Closed before anybody said how grave it is and what it touches."""

    code = "incidents:not-assessed"
    remedy = _("Assess the incident first: its severity, and which systems, data and clients it concerns")


class SameAssessment(ActRefused):
    """Assessed as it is assessed already."""

    code = "incidents:same-assessment"
    remedy = _("Change what is to be told otherwise, or leave it")


class BreachAtNoTime(ActRefused):
    """A breach of personal data that was known at a time that cannot be true, or a time without a breach."""

    code = "incidents:breach-at-no-time"
    status = 422
    remedy = _("Say when the breach was known: after the incident began and not later than now; else leave it empty")


class NoBreach(ActRefused):
    """The authority for personal data told of an incident that is no breach of them."""

    code = "incidents:no-breach"
    remedy = _("Assess the incident first, and say since when the breach is known")


class BreachNoticeRefused(ActRefused):
    """Told at a time that cannot be true, or by nothing that can be found again."""

    code = "incidents:breach-notice-refused"
    status = 422
    remedy = _("Say when the authority was told, after the breach was known and not later than now, and by what number")


class IncidentProofRefused(Problem):
    """A proof of an incident that does not hold."""

    code = "incidents:proof-refused"
    status = 422
    title = _("The proof does not hold")


class EmptyNote(ActRefused):
    """A note that says nothing."""

    code = "incidents:empty-note"
    status = 422
    remedy = _("Write down what you saw or did")


class TaskRefused(ActRefused):
    """A task that says nothing or too much, for somebody who may not work on incidents, or due before now."""

    code = "incidents:task-refused"
    status = 422
    remedy = _(
        "Say in a sentence what is to be done, by whom of those who work on incidents, and until when, later than now"
    )


class TaskEnded(ActRefused):
    """A task of another incident, or one that has ended."""

    code = "incidents:task-ended"
    remedy = _("Open the incident again: it says who ended the task")


class UnknownStep(ActRefused):
    """A step of containment that the incident's kind does not have."""

    code = "incidents:unknown-step"
    status = 404
    remedy = _("Open the incident again: the steps are those of its kind")
