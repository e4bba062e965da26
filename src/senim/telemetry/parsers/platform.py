"""The platform's own events, as the collector reads them from event rows: one canonical JSON object a line.

Fields: `tag`, `subject`, `id`, `action` (the tag again, so that rules of every kind can name it) and the payload's
values, nested ones by dotted names; `marker` is empty where the payload has none. A payload cannot replace a field of
the platform.
"""

import json
from collections.abc import Iterator
from typing import Any

from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

_DEEPEST = 8


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises: what is no event row has the action `other`."""
    text = readable(line.data)
    fields: Fields = {}
    row = _row(line.data)
    claimed = moments.iso(row["at"]) if isinstance(row.get("at"), str) else None
    fields |= dict(_flat(row.get("payload"), ""))
    fields |= {"host": host, "action": OTHER}
    fields.setdefault("marker", "")
    for name in ("id", "tag", "subject"):
        fields.pop(name, None)
        if isinstance(row.get(name), str):
            fields[name] = row[name]
    fields["action"] = fields.get("tag", OTHER)
    fields.pop("time_flaw", None)
    if claimed is None:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, text)


def _row(data: bytes) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _flat(value: object, name: str, depth: int = 0) -> Iterator[tuple[str, str | int | bool]]:
    if isinstance(value, str | int):  # a bool is an int
        yield name, value
    elif isinstance(value, float):
        yield name, str(value)
    elif isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{name}.{number}" if name else str(number), depth + 1)
