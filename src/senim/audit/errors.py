"""Named refusals of the audit room."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class CannotVerify(Problem):
    """What is needed to verify is missing or unreadable: neither intact nor tampered can be said."""

    code = "audit:cannot-verify"
    status = 409
    title = _("The audit log could not be checked")
    remedy = _("Restore what is named and verify again; until then treat the log as unproven")


class NothingSealed(Problem):
    """The log is empty, so there is no checkpoint."""

    code = "audit:log:empty"
    status = 404
    title = _("Nothing is sealed yet, so there is no checkpoint")
    remedy = _("Ask again when the house has worked; if it stays so, see that the sealer runs")


class NotSealed(Problem):
    """The row exists and is not in the log yet, so nothing can be proven of it."""

    code = "audit:row:not-sealed"
    status = 409
    title = _("The row is not sealed yet")
    remedy = _("Ask again in a second; if it stays so, see that the sealer runs")


class ReadingNotPermitted(Problem):
    """Who asks has no leave to read the audit log."""

    code = "audit:log:not-permitted"
    status = 403
    title = _("You may not read the audit log")
    remedy = _("Ask the head of the information security unit")


class LogContradicted(Problem):
    """The stored log is not the one that the last checkpoint was signed over: the sealer signs nothing on top of it."""

    code = "audit:log:contradicted"
    status = 409
    title = _("The audit log is not the one that was signed last; sealing has stopped")
    remedy = _("Run `senim audit verify`, keep its findings and the database as they are, and tell the IS unit")


class UnknownRow(Problem):
    """No audit row has this identifier."""

    code = "audit:row:unknown"
    status = 404
    title = _("There is no such audit row")


class ProofRefused(Problem):
    """A document that proves nothing."""

    code = "audit:proof:refused"
    status = 422
    title = _("This proves nothing")
    remedy = _("See that the file is whole and that the key is the log's own")
