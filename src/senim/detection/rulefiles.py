"""Rule files between two starts of detection: what was read, what lies there now, and that a difference is news.

Rules are read when detection starts. A file that is removed or changed afterwards takes effect only then, which may be
an hour later and unnoticed; so detection looks at the files while it works, and compares when it starts with what it
saw last: nobody takes a rule away in silence, not by ending the process either.

Clauses: R228/81-1 (an item that no rule watches for is not detected).
"""

from collections.abc import Mapping
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from senim.detection.models import RuleFile
from senim.events.operations import emit
from senim.events.vocabulary.detection import DetectionEvent
from senim.kit.clock import now

_LONGEST_SUBJECT = 120


class Difference(StrEnum):
    """How what lies there differs from what was there before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


_NEWS = {
    Difference.ADDED: DetectionEvent.RULE_FILE_ADDED,
    Difference.CHANGED: DetectionEvent.RULE_FILE_CHANGED,
    Difference.REMOVED: DetectionEvent.RULE_FILE_REMOVED,
}


def difference(before: str, after: str) -> Difference | None:
    """How the digest `after` differs from `before`; an empty one says that there is no file."""
    if before == after:
        return None
    if not before:
        return Difference.ADDED
    return Difference.CHANGED if after else Difference.REMOVED


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Difference]:
    """Every file that differs, and how."""
    told = {
        file: difference(before.get(file, ""), after.get(file, "")) for file in sorted(before.keys() | after.keys())
    }
    return {file: how for file, how in told.items() if how}


def since_loaded() -> dict[str, Difference]:
    """Files that do not lie there as the rules in use were read from them."""
    rows = RuleFile.objects.all()
    return differences({row.file: row.loaded for row in rows}, {row.file: row.found for row in rows})


def seen() -> dict[str, str]:
    """Rule files as detection saw them last: file → digest."""
    return {row.file: row.found for row in RuleFile.objects.exclude(found="")}


@transaction.atomic
def note(found: Mapping[str, str]) -> dict[str, Difference]:
    """Write down what lies there now; what has changed since it was looked at last, which is news once."""
    known = {row.file: row for row in RuleFile.objects.select_for_update()}
    told = differences({file: row.found for file, row in known.items()}, found)
    for file, how in told.items():
        row = known.get(file) or RuleFile(file=file)
        facts = {"file": file, "before": row.found, "after": found.get(file, "")}
        row.found, row.since = found.get(file, ""), now()
        row.save()
        emit(_NEWS[how], f"rule-file:{file}"[:_LONGEST_SUBJECT], facts)
    return told


@transaction.atomic
def take(loaded: Mapping[str, str]) -> dict[str, Difference]:
    """Write down from which files the rules in use were read; what has changed since they were looked at last.

    The very first time nothing is news.
    """
    if not RuleFile.objects.exists():
        RuleFile.objects.bulk_create(
            RuleFile(file=file, loaded=digest, found=digest) for file, digest in loaded.items()
        )
        return {}
    told = note(loaded)
    RuleFile.objects.filter(found="").delete()
    RuleFile.objects.update(loaded=F("found"))
    return told
