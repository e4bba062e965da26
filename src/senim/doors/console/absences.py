"""What a search cannot find because the history does not have it: said beside what it found, not left to be guessed."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.doors.console.templatetags.console import duration
from senim.history.completeness import closings
from senim.history.filters import Filter
from senim.history.history import History
from senim.history.settings import history_settings
from senim.history.standing import Behind
from senim.kit.clock import now
from senim.kit.moments import written
from senim.telemetry import queries as telemetry
from senim.telemetry.notices import NoticeKind


@dataclass(frozen=True)
class Absence:
    """Something that is not there."""

    what: str | Promise
    is_grave: bool = True
    """False: it is so in good order."""
    leads_to_gaps: bool = False


def within(history: History, asked: Filter) -> list[Absence]:
    """What is missing where `asked` looks, the grave first. Raises as `History.page` does."""
    found = [*_late(history.standing().behind(now())), *_missing(history, asked), *_lost(asked), *_expired(asked)]
    return sorted(found, key=lambda absence: not absence.is_grave)


def _late(how_far: Behind) -> list[Absence]:
    if not how_far.has_room:
        return [Absence(_("The disk is nearly full: new events are not kept. Detection goes on."))]
    if how_far.by is None:
        return [Absence(_("Nobody knows how far the history is: it has not caught up since it was begun."))]
    what = _("The history has everything that had arrived %(length)s ago.") % {"length": duration(how_far.by)}
    return [Absence(what, is_grave=how_far.is_late)]


def _missing(history: History, asked: Filter) -> list[Absence]:
    lines = sum(one.missing for one in closings(history) if not asked.source or asked.source == one.source)
    if not lines:
        return []
    what = ngettext("%(lines)s numbered line is missing", "%(lines)s numbered lines are missing", lines)
    return [Absence(what % {"lines": lines}, leads_to_gaps=True)]


def _lost(asked: Filter) -> list[Absence]:
    """Losses before lines had a number, said in the time that is asked for."""
    losses = [one for one in telemetry.losses(asked.source or None) if asked.since <= one.at < asked.until]
    return [Absence(f"{one.source}, {written(one.at)}: {NoticeKind(one.kind).label}") for one in losses]


def _expired(asked: Filter) -> list[Absence]:
    days = history_settings(settings.SENIM_INSTANCE).retention_days
    border = now() - timedelta(days=days)
    if asked.since >= border:
        return []
    what = ngettext(
        "Events leave after %(days)s day: what was read before has left.",
        "Events leave after %(days)s days: what was read before has left.",
        days,
    )
    return [Absence(what % {"days": days}, is_grave=False)]
