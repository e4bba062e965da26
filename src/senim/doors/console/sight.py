"""Whether the house sees: which processes work, which sources are read and analysed, what was lost on the way."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.doors.console.findings import Finding, log_of
from senim.doors.console.moments import written
from senim.events import queries as events
from senim.pulse.queries import Life, ProcessState
from senim.telemetry import queries as telemetry
from senim.telemetry.settings import PLATFORM
from senim.telemetry.standing import Sight, Source

_AMISS = {Sight.BLIND, Sight.BEHIND, Sight.UNKNOWN}


def processes(house: Iterable[ProcessState]) -> list[Finding]:
    """The processes that do not work."""
    return [Finding(_stopped(process), log_of(process.name)) for process in house if process.life is not Life.WORKS]


def _stopped(process: ProcessState) -> str:
    if process.life is Life.ABSENT:
        return _("The process %(name)s does not run") % {"name": process.name}
    if process.since is None:
        return _("The process %(name)s runs and does nothing") % {"name": process.name}
    said = {"name": process.name, "since": written(process.since)}
    return _("The process %(name)s runs and does nothing since %(since)s") % said


def analysis(before: datetime, known: Sequence[Source]) -> list[Finding]:
    """Whether the platform's own events come through: collected, carried, accepted by detection.

    Every sign-in is such an event, so this tries the way of every line each time somebody comes to look. Where it is
    known already that the source is not in order, that says why.
    """
    newest = events.newest(before)
    if newest is None:
        what = _("No event has travelled from collector to detection yet")
        return [Finding(what, _("The next sign-in is one: look again in a few seconds."), is_known=False)]
    arrived = telemetry.silent_since(PLATFORM)
    is_explained = any(source.name == PLATFORM and source.sight is not Sight.READ for source in known)
    if is_explained or (arrived is not None and arrived >= newest.at):
        return []
    return [
        Finding(_("Events wait for analysis: detection has not seen the newest ones"), log_of("collector, detection"))
    ]


def sources(known: Sequence[Source]) -> list[Finding]:
    """What is amiss with sources; those with which the same is amiss together, for it has one cause."""
    alike: dict[tuple[Sight, str], list[Source]] = {}
    for source in known:
        alike.setdefault((source.sight, source.says), []).append(source)
    found = [_sight(sight, says, those) for (sight, says), those in alike.items() if sight in _AMISS]
    return [*found, *(finding for source in known for finding in _losses(source))]


def _sight(sight: Sight, says: str, those: Sequence[Source]) -> Finding:
    number = len(those)
    what = {
        Sight.BLIND: ngettext("The source %(names)s is not in order", "The sources %(names)s are not in order", number),
        Sight.BEHIND: ngettext(
            "What is read of the source %(names)s is not analysed",
            "What is read of the sources %(names)s is not analysed",
            number,
        ),
        Sight.UNKNOWN: ngettext(
            "Nothing is known of the source %(names)s", "Nothing is known of the sources %(names)s", number
        ),
    }[sight] % {"names": ", ".join(_("“%(name)s”") % {"name": source.name} for source in those)}
    if since := min((source.since for source in those if source.since), default=None):
        what = _("%(what)s since %(since)s") % {"what": what, "since": written(since)}
    where = _page_of(those[0]) if number == 1 else "#sources"
    return Finding(what, says, where, is_known=sight is not Sight.UNKNOWN)


def _losses(source: Source) -> list[Finding]:
    if not source.unseen:
        return []
    what = ngettext(
        "%(number)s loss of lines of the source “%(name)s” waits for a person",
        "%(number)s losses of lines of the source “%(name)s” wait for a person",
        source.unseen,
    )
    remedy = _("Look at what was lost and why, then acknowledge it with a note.")
    return [Finding(what % {"number": source.unseen, "name": source.name}, remedy, _page_of(source))]


def _page_of(source: Source) -> str:
    return reverse("sources-one", args=[source.name])
