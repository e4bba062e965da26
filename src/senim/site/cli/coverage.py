"""`senim coverage`: which of the six kinds of incident would be seen, and how anybody knows."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from senim.kit.clock import iso, now
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.detection.coverage import Watcher
    from senim.detection.models import RuleStatus
    from senim.detection.rulefiles import Difference
    from senim.doctor.coverage import Row, Tried


@click.command()
@json_wish
def coverage(as_json: bool) -> None:
    """Which of the six kinds is watched for: rules in use, the sources that feed them, the last exercise.

    Exit 0: each of the six is watched for. 1: one is not, or a rule file does not lie there as it was read. 2: could
    not be checked. 3: usage or settings. That a kind was never exercised, or long ago, is said and changes no code.
    """
    instance = as_operator()
    from senim.detection import rulefiles
    from senim.detection.coverage import ungraded_refusals
    from senim.doctor.coverage import matrix

    rows, differences = matrix(instance, now()), rulefiles.since_loaded()
    told = {
        "kinds": [_told(row) for row in rows],
        "refused": [_refused(rule) for rule in ungraded_refusals()],
        "files": {file: how.value for file, how in differences.items()},
    }
    answer(told, "\n".join(_lines(rows, differences)), as_json=as_json)
    sys.exit(_verdict(rows, is_as_read=not differences))


def _verdict(rows: "Sequence[Row]", *, is_as_read: bool) -> Exit:
    from senim.doctor.coverage import State

    states = {row.state for row in rows}
    if State.BLIND in states or not is_as_read:
        return Exit.WRONG
    return Exit.COULD_NOT if State.UNKNOWN in states else Exit.DONE


def _told(row: "Row") -> dict[str, object]:
    return {
        "kind": row.kind.number,
        "clause": f"R228/81-1({row.kind.number})",
        "state": row.state.value,
        "rules": [_rule(watcher) for watcher in row.kind.watchers],
        "refused": [_refused(rule) for rule in row.kind.refused],
        "last_exercise": row.tried and _exercise(row.tried),
    }


def _rule(watcher: "Watcher") -> dict[str, object]:
    rule = watcher.rule
    feeds = [
        {"source": feed.source.name, "telemetry": feed.telemetry, "state": feed.source.sight.value}
        for feed in watcher.feeds
    ]
    return {
        "id": rule.rule_id,
        "title": rule.title,
        "file": rule.file,
        "line": rule.line,
        "sees": watcher.view.name.lower(),
        "file_differs": watcher.difference,
        "sources": feeds,
        "missing": list(watcher.missing),
    }


def _refused(rule: "RuleStatus") -> dict[str, object]:
    return {"id": rule.rule_id, "title": rule.title, "file": rule.file, "line": rule.line, "reason": rule.reason}


def _exercise(tried: "Tried") -> dict[str, object]:
    return {
        "at": iso(tried.exercise.declared_at),
        "detected": tried.is_detected,
        "incident": tried.incident and tried.incident.number,
        "receipt_s": tried.receipt_s,
    }


def _lines(rows: "Sequence[Row]", differences: "Mapping[str, Difference]") -> Iterator[str]:
    for row in rows:
        yield f"R228/81-1({row.kind.number}): {_in_words(row)}"
        for watcher in row.kind.watchers:
            fed = ", ".join(f"{feed.source.name} ({feed.source.sight.value})" for feed in watcher.feeds) or "—"
            yield f"  {watcher.rule.file}:{watcher.rule.line}  {_(watcher.rule.title)}: {fed}"
            if watcher.missing:
                yield "    " + _("no source gives %(kinds)s") % {"kinds": ", ".join(watcher.missing)}
        for rule in row.kind.refused:
            yield f"  {rule.file}:{rule.line}  {_('REFUSED')} {rule.title or rule.rule_id}: {rule.reason}"
    for file, how in differences.items():
        yield f"{file}: {_words_of_files()[how.value]}"


def _in_words(row: "Row") -> str:
    tried = row.tried and iso(row.tried.exercise.declared_at)
    words = {
        "blind": _("BLIND: nothing watches for it"),
        "unknown": _("NOT KNOWN: nobody knows whether its rules see anything"),
        "never-exercised": _("watched, never exercised"),
        "missed": _("watched, but the last exercise was missed"),
        "exercised-long-ago": _("watched, exercised too long ago"),
        "watched": _("watched"),
    }
    return words[row.state.value] + (f" ({tried})" if tried else "")


def _words_of_files() -> dict[str, str]:
    return {
        "added": _("ADDED since detection read the rules: not in use yet"),
        "changed": _("CHANGED since detection read it"),
        "removed": _("REMOVED since detection read it"),
    }
