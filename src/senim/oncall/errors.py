"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class OncallRefused(Problem):
    """The on-call room refuses."""

    code = "oncall:refused"
    status = 409
    title = _("Nothing was changed")


class MayNotEdit(OncallRefused):
    """Whoever asks has no leave, or has not shown a second factor just now."""

    code = "oncall:may-not-edit"
    status = 403
    remedy = _(
        "An administrator or the head of the information security unit edits the list, with a fresh one-time code"
    )


class MayNotAnswer(OncallRefused):
    """Whoever asks has no leave to answer pages."""

    code = "oncall:may-not-answer"
    status = 403
    remedy = _("An analyst, an administrator or the head of the information security unit answers")


class AlreadyAnswered(OncallRefused):
    """Somebody was faster."""

    code = "oncall:already-answered"
    remedy = _("Open the page again: it says who is on it")


class NoSuchPage(OncallRefused):
    """Nothing has this identifier."""

    code = "oncall:no-such-page"
    status = 404
    title = _("There is no such page")


class Unreachable(OncallRefused):
    """No way to this person."""

    code = "oncall:unreachable"
    title = _("There is no way to reach this person")
    remedy = _("Enter a phone number, an e-mail address or a webhook that this instance can use")


class TooSoon(OncallRefused):
    """A test a minute is enough."""

    code = "oncall:too-soon"
    status = 429
    remedy = _("Wait a minute before the next test")
