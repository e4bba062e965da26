"""What can be said of the feed's good order: does it read, has the regulator what it picked, what did it miss?

Clauses: R228/81-2.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.event_feed import queries
from senim.event_feed.queries import Standing
from senim.event_feed.settings import event_feed_settings
from senim.kit.checks import Asked, Check, Fault
from senim.kit.instance import BadSettings
from senim.kit.moments import written


def _policy(asked: Asked) -> Iterator[Fault]:
    """A table that changed since the start and says what nobody understands: the next start is refused."""
    try:
        event_feed_settings(asked.instance)
    except BadSettings as refusal:
        yield Fault(refusal.detail, refusal.remedy)


def _standing(asked: Asked) -> Standing | None:
    """None where the policy is refused, which has a check of its own."""
    try:
        return queries.standing(event_feed_settings(asked.instance))
    except BadSettings:
        return None


def _behind(asked: Asked) -> Iterator[Fault]:
    found = _standing(asked)
    if found is None:
        yield Fault(_("Which events go to the regulator is not known"), is_known=False)
    elif found.is_full:
        remedy = _("Look why ASOI takes none; the stream keeps what comes meanwhile")
        yield Fault(_("The event feed has stopped reading: as many events wait in it as may"), remedy)
    elif found.is_behind(asked.now):
        remedy = _("Look at its log on the machine: feed")
        yield Fault(_("The event feed is behind"), remedy, is_known=found.read_until is not None)


def _silent(asked: Asked) -> Iterator[Fault]:
    found = _standing(asked)
    if found is None:
        return
    if since := found.silent_since(asked.now):
        what = _("Events wait for the regulator's receipt since %(since)s") % {"since": written(since)}
        yield Fault(what, _("They go by themselves when ASOI answers; look at the last try of the oldest batch"))


def _missing(asked: Asked) -> Iterator[Fault]:
    found = _standing(asked)
    if found is not None and found.untold:
        what = ngettext(
            "%(number)s line never came to the event feed, and the regulator has not been told so",
            "%(number)s lines never came to the event feed, and the regulator has not been told so",
            found.untold,
        )
        yield Fault(what % {"number": found.untold}, _("It is told with the next batch, once nothing is on its way"))


CHECKS = (
    Check(
        "event-feed:policy",
        gettext_lazy("Which events go"),
        gettext_lazy("senim.toml says clearly which events go to the regulator."),
        _policy,
    ),
    Check(
        "event-feed:behind",
        gettext_lazy("The event feed keeps up"),
        gettext_lazy("The event feed has taken what was read a minute ago."),
        _behind,
    ),
    Check(
        "event-feed:silent",
        gettext_lazy("The regulator has the events"),
        gettext_lazy("No event waits for longer than five minutes."),
        _silent,
    ),
    Check(
        "event-feed:missing",
        gettext_lazy("The event feed is whole"),
        gettext_lazy("The regulator knows of every line that never came to the event feed."),
        _missing,
    ),
)
