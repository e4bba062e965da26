"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NotAcknowledged(Problem):
    """A loss that is not acknowledged in this way."""

    code = "telemetry:not-acknowledged"
    status = 409
    title = _("The loss is not acknowledged")


class MayNotAcknowledge(NotAcknowledged):
    """Whoever asks has no leave."""

    code = "telemetry:may-not-acknowledge"
    status = 403
    remedy = _("An analyst or the head of the information security unit acknowledges it")


class NoNote(NotAcknowledged):
    """An acknowledgement that says nothing."""

    code = "telemetry:no-note"
    status = 422
    remedy = _("Say in a sentence what you found and what was done about it")


class NothingToAcknowledge(NotAcknowledged):
    """Somebody was faster, or what was missing has arrived."""

    code = "telemetry:nothing-to-acknowledge"
    remedy = _("Open the source again: it says which losses are left, and who has looked at the others")
