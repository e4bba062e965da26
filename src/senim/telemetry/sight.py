"""The sources of telemetry as people see them: what is read, what is not, and of what nobody knows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from senim.kit.instance import Instance
from senim.telemetry import queries as telemetry
from senim.telemetry.notices import NoticeKind
from senim.telemetry.queries import SourceState
from senim.telemetry.settings import PLATFORM, telemetry_settings


class Sight(StrEnum):
    """What can be said of a source."""

    READ = "read"
    BLIND = "blind"
    """It cannot be read, or numbered lines of it are missing."""
    UNKNOWN = "unknown"
    """The collector has never spoken of it, or does not run: what it said last is no news of today."""
    FORMER = "former"
    """senim.toml does not name it any more."""


@dataclass(frozen=True)
class Source:
    """One source."""

    name: str
    sight: Sight
    says: str
    """What the collector said of it last, or why nothing is known."""
    lines: int = 0
    missing: int = 0
    last_line_at: datetime | None = None


def sources(instance: Instance, *, is_collecting: bool) -> list[Source]:
    """Every source that senim.toml names, the platform's own events, and those of which there are lines from before."""
    named = {PLATFORM, *(source.name for source in telemetry_settings(instance).sources)}
    known = {state.source: state for state in telemetry.sources()}
    return [_source(name, known.get(name), name in named, is_collecting) for name in sorted(named | known.keys())]


def _source(name: str, state: SourceState | None, is_named: bool, is_collecting: bool) -> Source:
    if state is None:
        return Source(name, Sight.UNKNOWN, _("The collector has never spoken of it."))
    says = str(state.condition.label) if state.condition else ""
    sight = Sight.READ
    if not is_named:
        sight, says = Sight.FORMER, _("senim.toml does not name it any more.")
    elif state.condition is not NoticeKind.COLLECTING or state.missing:
        sight = Sight.BLIND
    elif not is_collecting:
        sight, says = Sight.UNKNOWN, _("The collector does not run: nobody knows how the source stands.")
    return Source(name, sight, says, state.lines, state.missing, state.last_line_at)
