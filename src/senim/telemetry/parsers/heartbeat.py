"""Samples of services: does one answer? One JSON object a line, written by our prober or by the bureau's own monitor.

    {"at": "2026-11-22T17:00:13.5+05:00", "service": "console", "ok": false, "reason": "refused", "ms": 12}

`at` is the moment of the sample and needs an offset; `reason` (stable words, of 64 characters at most) and `ms` (how
long it took) may be left out; other words are not read. Fields: `service`, `ok`, `reason`, `ms`, and `marker`, which is
empty where no exercise is played. What is not such an object has the action `other`.
"""

import json
import re
from typing import Any

from senim.kit.marker import marker_in
from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

UP, DOWN = "up", "down"
SERVICE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
"""How a service may be called."""
_LONGEST_REASON = 64
_LONGEST_MS = 86_400_000


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises."""
    text = readable(line.data)
    fields: Fields = {"host": host, "action": OTHER, "marker": ""}
    sample = _sample(line.data)
    claimed = moments.iso(sample["at"]) if isinstance(sample.get("at"), str) else None
    if sample and claimed is None:
        fields["time_flaw"] = "unreadable"
    service, is_up = sample.get("service"), sample.get("ok")
    if isinstance(service, str) and SERVICE.fullmatch(service) and isinstance(is_up, bool):
        fields |= {"action": UP if is_up else DOWN, "service": service, "ok": is_up, "marker": marker_in(service)}
        fields |= _more(sample)
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, text)


def _sample(data: bytes) -> dict[str, Any]:
    try:
        sample = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return sample if isinstance(sample, dict) else {}


def _more(sample: dict[str, Any]) -> Fields:
    more: Fields = {}
    reason, took = sample.get("reason"), sample.get("ms")
    if isinstance(reason, str) and reason:
        more["reason"] = readable(reason[:_LONGEST_REASON].encode("utf-8", "backslashreplace"))
    if isinstance(took, int | float) and not isinstance(took, bool) and 0 <= took <= _LONGEST_MS:
        more["ms"] = int(took)
    return more
