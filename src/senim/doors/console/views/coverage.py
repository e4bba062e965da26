"""*Coverage*: which of the six kinds is watched for, by which rules, fed by which sources, and when that was tried.

Clauses: R228/81-1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from senim.detection.coverage import Watcher, ungraded_refusals
from senim.detection.models import RuleStatus
from senim.doctor.coverage import LONGEST, Row, matrix
from senim.doors.console.lists import Column, Listing
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.kit.clock import now
from senim.telemetry.standing import Source


@dataclass(frozen=True)
class Line:
    """A kind and one of its rules; of a kind without rules there is a line without one."""

    row: Row | None
    """None: nobody knows which kind it would grade."""
    rule: RuleStatus | None = None
    watcher: Watcher | None = None
    """None: the rule is refused."""

    @property
    def kind(self) -> int:
        """The item of R228/81-1; 0 where nobody knows it."""
        return self.row.kind.number if self.row else 0

    @property
    def title(self) -> str:
        """What the rule is called, or where it stands."""
        return self.rule.title or str(self.rule.file) if self.rule else ""

    @property
    def view(self) -> int:
        """What the rule sees: a refused one, nothing."""
        return self.watcher.view if self.watcher else 0

    @property
    def exercised_at(self) -> datetime | None:
        """When somebody tried last whether the kind is seen."""
        return self.row.tried.exercise.declared_at if self.row and self.row.tried else None

    @property
    def sources(self) -> list[dict[str, str]]:
        """What feeds the rule."""
        feeds = self.watcher.feeds if self.watcher else ()
        return [{"source": f.source.name, "telemetry": f.telemetry, "state": f.source.sight.value} for f in feeds]


COLUMNS = (
    Column("kind", _("Kind"), lambda one: one.kind or None, "kind"),
    Column("state", _("State"), lambda one: one.row and one.row.state, shown=False),
    Column("rule", _("Rule"), lambda one: one.title, "title"),
    Column("rule_id", _("Rule"), lambda one: one.rule and one.rule.rule_id, shown=False),
    Column("file", _("Rule"), lambda one: one.rule and one.rule.file, shown=False),
    Column("line", _("Rule"), lambda one: one.rule and one.rule.line, shown=False),
    Column("rule_state", _("State"), lambda one: one.rule and one.rule.state, shown=False),
    Column("reason", _("Why"), lambda one: one.rule and one.rule.reason, shown=False),
    Column("file_differs", _("State"), lambda one: one.watcher and one.watcher.difference, shown=False),
    Column("sees", _("State"), lambda one: one.watcher and one.watcher.view.name.lower(), "view"),
    Column("sources", _("Sources"), lambda one: one.sources),
    Column("missing", _("Sources"), lambda one: list(one.watcher.missing) if one.watcher else [], shown=False),
    Column("exercised_at", _("Last exercise"), lambda one: one.exercised_at, shown=False),
    Column("detected", _("Last exercise"), lambda one: _tried(one, "is_detected"), shown=False),
    Column("incident", _("Incident"), lambda one: _tried(one, "incident"), shown=False),
    Column("receipt_s", _("Last exercise"), lambda one: _tried(one, "receipt_s"), shown=False),
)


def _tried(line: Line, what: str) -> object:
    return getattr(line.row.tried, what) if line.row and line.row.tried else None


@needs(Permission.TELEMETRY_SOURCE_READ)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The six kinds; which source feeds which of them; every rule with its sources."""
    rows = matrix(settings.SENIM_INSTANCE, now())
    listing = Listing(request, "coverage", list(_lines(rows)), COLUMNS)
    known = {"listing": listing, "rows": rows, "sources": _crossed(rows), "longest": LONGEST.days}
    return listing.export() or render(request, "console/coverage.html", known)


def _lines(rows: Sequence[Row]) -> Iterator[Line]:
    for row in rows:
        yield from (Line(row, watcher.rule, watcher) for watcher in row.kind.watchers)
        yield from (Line(row, rule) for rule in row.kind.refused)
        if not row.kind.watchers and not row.kind.refused:
            yield Line(row)
    yield from (Line(None, rule) for rule in ungraded_refusals())


@dataclass(frozen=True)
class Crossed:
    """A source, and how many rules of each of the six kinds it feeds."""

    source: Source
    rules: tuple[int, ...]


def _crossed(rows: Sequence[Row]) -> list[Crossed]:
    """Sources that feed a rule which grades."""
    feeds = [(row.kind.number, feed) for row in rows for watcher in row.kind.watchers for feed in watcher.feeds]
    sources = {feed.source.name: feed.source for _number, feed in feeds}
    counted = [(feed.source.name, number) for number, feed in feeds]
    numbers = [row.kind.number for row in rows]
    return [
        Crossed(sources[name], tuple(counted.count((name, number)) for number in numbers)) for name in sorted(sources)
    ]
