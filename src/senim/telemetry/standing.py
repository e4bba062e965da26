"""What can be said of every source at this moment: read, blind, not analysed, not known.

Three things are asked in turn, each of who can know it: whether the collector's loop of this source comes round (the
pulse), what it says of the source and of the stream (its newest notice), and how far what it read has come through
stream and detection (the ledger). So it is told apart who stopped: the collector does not read; the stream takes
nothing; or what the stream has does not come into the ledger.

Clauses: R228/81-2 (what is not collected and analysed in real time is not passed off as if it were).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from senim.kit.instance import Instance
from senim.pulse.queries import Life, ProcessState, came_round, is_silent
from senim.telemetry import queries
from senim.telemetry.notices import NoticeKind
from senim.telemetry.parsers.form import STRANGE
from senim.telemetry.queries import SourceState
from senim.telemetry.settings import PLATFORM, telemetry_settings

COLLECTOR, DETECTION = "collector", "detection"
_METER = "meter"
"""The kind of source that measures doors by the access logs of others."""
SPEAKING = frozenset({_METER, "malware"})
"""Kinds of source whose program says every minute that it works: of these, silence is no quiet."""
MUTE_AFTER = timedelta(minutes=3)
"""Our choice: three signs. A busy machine may cost one."""


class Sight(StrEnum):
    """What can be said of a source."""

    READ = "read"
    BLIND = "blind"
    """It cannot be read, or what is read of it cannot be carried."""
    BEHIND = "behind"
    """It is read, and what was read has not come into the ledger: nobody analyses it."""
    UNKNOWN = "unknown"
    """The collector has never spoken of it, or does not work: what it said last is no news of today."""
    FORMER = "former"
    """senim.toml does not name it any more."""


@dataclass(frozen=True)
class Source:
    """One source, in plain values that stay the same for as long as it stands the same."""

    name: str
    sight: Sight
    says: str
    """What the collector said of it last, or why it is not in order."""
    since: datetime | None = None
    """Since when that holds; None where nobody knows."""
    condition: NoticeKind | None = None
    """What the collector said of it last; None where it never has."""
    lines: int = 0
    last_line_at: datetime | None = None
    missing: int = 0
    losses: int = 0
    last_loss: NoticeKind | None = None
    last_loss_at: datetime | None = None
    unseen: int = 0
    """Losses, missing numbers among them, that no person has looked at."""
    flaws: tuple[tuple[str, int], ...] = ()
    """By name (`flaws.FlawKind`), with how many lines are so; the most first."""
    bytes_cut: int = 0

    @property
    def is_in_order(self) -> bool:
        """Whether it is read and analysed, and nothing was lost that nobody has looked at."""
        return self.sight in {Sight.READ, Sight.FORMER} and not self.unseen

    @property
    def is_known(self) -> bool:
        """Whether anybody knows how it stands."""
        return self.sight is not Sight.UNKNOWN


def sources(instance: Instance, house: Mapping[str, ProcessState], moment: datetime) -> list[Source]:
    """Every source that senim.toml names, the platform's own events, and those of which there are lines from before.

    `house`: how the processes are at `moment` (`pulse.queries.processes`).
    """
    settings = telemetry_settings(instance)
    named = {PLATFORM, *(source.name for source in settings.sources)}
    known = {state.source: state for state in queries.sources()}
    speaking = {source.name for source in settings.sources if source.reads in SPEAKING}
    look = _Look(moment, house, came_round(COLLECTOR), speaking)
    found = {name: look.at(name, known.get(name), name in named) for name in sorted(named | known.keys())}
    blind = [found[door.source] for door in settings.doors if found[door.source].sight is Sight.BLIND]
    meters = {source.name for source in settings.sources if source.reads == _METER}
    return [_measuring(source, blind) if source.name in meters else source for source in found.values()]


def _measuring(meter: Source, blind: Sequence[Source]) -> Source:
    """`meter`, as it stands where the access logs `blind` tell it nothing of what their doors bear."""
    if meter.sight is not Sight.READ or not blind:
        return meter
    says = _("What these doors bear cannot be measured, for their logs tell nothing: %(doors)s")
    since = min((door.since for door in blind if door.since), default=None)
    named = ", ".join(door.name for door in blind)
    return replace(meter, sight=Sight.BLIND, says=says % {"doors": named}, since=since)


Judgement = tuple[Sight, str, datetime | None]


@dataclass(frozen=True)
class _Look:
    """One look at the house."""

    moment: datetime
    house: Mapping[str, ProcessState]
    came_round: Mapping[str, datetime]
    speaking: Collection[str]
    """Sources whose silence says that nobody looks."""

    def at(self, name: str, state: SourceState | None, is_named: bool) -> Source:
        """How the source `name` stands."""
        if state is None:
            return Source(name, Sight.UNKNOWN, _("The collector has never spoken of it."))
        sight, says, since = self._judged(state) if is_named else self._former(state)
        return Source(
            name,
            sight,
            says,
            since,
            condition=state.condition,
            lines=state.lines,
            last_line_at=state.last_line_at,
            missing=state.missing,
            losses=state.losses,
            last_loss=state.last_loss,
            last_loss_at=state.last_loss_at,
            unseen=state.unseen,
            flaws=tuple(sorted(state.flaws.items(), key=lambda flaw: (-flaw[1], flaw[0]))),
            bytes_cut=state.bytes_cut,
        )

    def _former(self, state: SourceState) -> Judgement:
        return Sight.FORMER, _("senim.toml does not name it any more."), state.last_line_at

    def _judged(self, state: SourceState) -> Judgement:
        """The first of what speaks against it; it is read where nothing does."""
        collector, last = self.house[COLLECTOR], self.came_round.get(state.source)
        if collector.life is Life.ABSENT:
            return Sight.UNKNOWN, _("The collector does not run: nobody knows how the source stands."), collector.since
        if collector.life is Life.STANDS_STILL:
            says = _("The collector stands still: nobody knows how the source stands.")
            return Sight.UNKNOWN, says, collector.since
        # R228/81-2: in real time. What was said before the loop stopped is no news of now.
        if is_silent(last, self.moment):
            return Sight.BLIND, _("The collector works, but does not come round to this source."), last
        says = str(state.condition.label) if state.condition else ""
        if state.condition is not NoticeKind.COLLECTING:
            return Sight.BLIND, says, state.since
        return self._behind(state) or self._strange(state) or self._mute(state) or (Sight.READ, says, state.since)

    def _mute(self, state: SourceState) -> Judgement | None:
        """Where a program that speaks every minute has stopped doing so: since when."""
        last = max((at for at in (state.last_line_at, state.since) if at is not None), default=None)
        if state.source not in self.speaking or (last is not None and self.moment - last <= MUTE_AFTER):
            return None
        says = _("It is read, and its program, which says every minute that it works, is silent: nobody looks.")
        return Sight.BLIND, says, last

    def _strange(self, state: SourceState) -> Judgement | None:
        """Where what is read of it has lost its form: since when."""
        if state.formless < STRANGE:
            return None
        says = _(
            "It is read, and too many of its newest lines have not the form of its kind: nobody can tell what they say."
        )
        return Sight.BLIND, says, state.formless_since

    def _behind(self, state: SourceState) -> Judgement | None:
        """Where what was read does not come into the ledger: since when, and as far as it is known why."""
        arrived = max(moment for moment in (state.read_until, state.since) if moment is not None)
        if not is_silent(arrived, self.moment):
            return None
        if arrived > self.moment:
            says = _("Its last sign of life lies ahead of the clock, which was set back: nobody knows how it stands.")
            return Sight.UNKNOWN, says, arrived
        detection = self.house[DETECTION].life
        if detection is Life.ABSENT:
            return Sight.BEHIND, _("It is read, and detection does not run: nobody analyses it."), arrived
        if detection is Life.STANDS_STILL:
            return Sight.BEHIND, _("It is read, and detection stands still: nobody analyses it."), arrived
        return Sight.BEHIND, _("It is read, and what was read waits in the stream before detection."), arrived
