"""Whether anybody would see it: for each of the six kinds its rules, and for each rule the sources that feed it.

A rule that is in use and looks at telemetry that no source gives, or whose sources stand still, is as good as none.

Clauses: R228/81-1 (an item that nothing watches for is not detected).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from senim.detection import queries, rulefiles
from senim.detection.models import RuleStatus
from senim.detection.rulefiles import Difference
from senim.kit.instance import Instance
from senim.pulse.queries import processes
from senim.telemetry.settings import PLATFORM, telemetry_settings
from senim.telemetry.standing import Sight, Source, sources

KINDS = range(1, 7)
"""The items of R228/81-1."""


class View(IntEnum):
    """What a rule, or a kind, sees; the greater the more."""

    BLIND = 0
    UNKNOWN = 1
    """Nobody knows how its sources stand."""
    WATCHED = 2


_VIEWS = {Sight.READ: View.WATCHED, Sight.UNKNOWN: View.UNKNOWN}
"""Whatever else is said of a source: nobody sees through it."""


@dataclass(frozen=True)
class Feed:
    """A source that gives a rule what it looks at."""

    source: Source
    telemetry: str

    @property
    def view(self) -> View:
        """What is seen through it."""
        return _VIEWS.get(self.source.sight, View.BLIND)


@dataclass(frozen=True)
class Watcher:
    """A rule in use whose alerts are graded as a kind."""

    rule: RuleStatus
    view: View
    feeds: tuple[Feed, ...]
    missing: tuple[str, ...]
    """Where it sees nothing: the kinds of telemetry that it looks at and no source gives."""
    difference: Difference | None
    """How its file lies there otherwise than it was read; None where it does not."""


@dataclass(frozen=True)
class Kind:
    """What watches for one of the six kinds."""

    number: int
    view: View
    watchers: tuple[Watcher, ...]
    refused: tuple[RuleStatus, ...]
    """Rules that would grade it and are not used."""


def kinds(instance: Instance, moment: datetime) -> list[Kind]:
    """Each of the six kinds as it is watched for at `moment`.

    Raises `BadSettings` where it cannot be said which sources there are.
    """
    rows = list(queries.rules())
    loaded = [row for row in rows if row.state == RuleStatus.State.LOADED]
    look = _Look(_feeds(instance, moment), rulefiles.since_loaded())
    found = []
    for number in KINDS:
        watchers = tuple(look.at(row) for row in loaded if row.kind == number)
        refused = tuple(row for row in rows if row.kind == number and row.state == RuleStatus.State.REFUSED)
        # Where no rule at all is in use, detection has not started yet: what it will watch for nobody knows.
        view = max((watcher.view for watcher in watchers), default=View.BLIND if loaded else View.UNKNOWN)
        found.append(Kind(number, view, watchers, refused))
    return found


def ungraded_refusals() -> list[RuleStatus]:
    """Refused rules of which nobody knows which kind they would grade, if any."""
    return list(queries.rules().filter(state=RuleStatus.State.REFUSED, kind=None))


def _feeds(instance: Instance, moment: datetime) -> list[Feed]:
    """Every source that senim.toml names, and the platform's own, with the telemetry that it gives."""
    reads = {PLATFORM: PLATFORM, **{one.name: one.reads for one in telemetry_settings(instance).sources}}
    known = sources(instance, processes(moment), moment)
    return [Feed(source, reads[source.name]) for source in known if source.name in reads]


@dataclass(frozen=True)
class _Look:
    """One look at the rules."""

    feeds: Sequence[Feed]
    differences: Mapping[str, Difference]

    def at(self, rule: RuleStatus) -> Watcher:
        wanted = sorted(set(_telemetry(rule.needs)))
        feeds = tuple(feed for feed in self.feeds if feed.telemetry in wanted)
        view, given = self._view(rule.needs), {feed.telemetry for feed in feeds}
        missing = tuple(name for name in wanted if name not in given and view is not View.WATCHED)
        return Watcher(rule, view, feeds, missing, self.differences.get(rule.file))

    def _view(self, needs: Any) -> View:
        """What is seen through `needs` (`internal.needs.Needs`), or through a kind of telemetry by its name."""
        if isinstance(needs, str):
            return _best((feed.view for feed in self.feeds if feed.telemetry == needs), 1)
        return _best(map(self._view, needs.get("of", ())), needs.get("least", 1))


def _best(views: Iterable[View], least: int) -> View:
    """What is seen where at least so many of them must see."""
    ordered = sorted(views, reverse=True)
    return ordered[least - 1] if least <= len(ordered) else View.BLIND


def rules_beside() -> dict[int, set[str]]:
    """Kind of incident → the rules in use that look at telemetry by which it is graded, by identifier."""
    loaded = [rule for rule in queries.rules() if rule.state == RuleStatus.State.LOADED]
    looks_at = {rule.rule_id: set(_telemetry(rule.needs)) for rule in loaded}
    found: dict[int, set[str]] = {}
    for rule in loaded:
        if rule.kind is not None:
            beside = {each for each, seen in looks_at.items() if seen & looks_at[rule.rule_id]}
            found.setdefault(rule.kind, set()).update(beside)
    return found


def _telemetry(needs: Any) -> Iterable[str]:
    if isinstance(needs, str):
        yield needs
        return
    for each in needs.get("of", ()):
        yield from _telemetry(each)
