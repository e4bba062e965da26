"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class DecisionRefused(Problem):
    """Something about a service or its outage that cannot be decided so."""

    code = "availability:refused"
    status = 409
    title = _("Nothing was decided about the service")


class MayNotDecide(DecisionRefused):
    """Whoever asks has no leave, or has not shown a second factor just now."""

    code = "availability:may-not-decide"
    status = 403
    remedy = _("Sign in with a role that may do this, and give a fresh one-time code")


class NoReason(DecisionRefused):
    """A decision without a reason."""

    code = "availability:no-reason"
    status = 422
    remedy = _("Say in a sentence what is known and why you decide so")


class UnknownService(DecisionRefused):
    """A service that senim.toml does not name."""

    code = "availability:unknown-service"
    status = 404
    remedy = _("Look at the list of services")


class NotBeforehand(DecisionRefused):
    """Maintenance that has begun already: it is announced before it begins, or not at all."""

    code = "availability:not-beforehand"
    status = 422
    remedy = _(
        "Announce work before it begins. For work that nobody announced, decide the cause of its outage; more than an "
        "hour of downtime is told to the regulator meanwhile"
    )


class BadTime(DecisionRefused):
    """Maintenance that ends before it begins, or lasts too long."""

    code = "availability:bad-time"
    status = 422
    remedy = _("Work ends after it begins and lasts a day at most; announce longer work day by day")


class IsOver(DecisionRefused):
    """Maintenance that is past or cancelled cannot be cancelled."""

    code = "availability:is-over"
    remedy = _("Open the page of the service again: it shows what is still to come")
