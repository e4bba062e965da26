"""Samples of the meter (`telemetry.meter`): one JSON object a second at most for each door and marker, each network.

Fields of a door, action `sample`: `door`, `marker` (always), `requests`, `addresses`, `errors`, `held`, their limits,
`flooder`, `holder`, `flooded`, `crowded`, `probe`, `probe_ms`, and `repeated`, the seconds for which the sample stands.

Fields of a network, action `network-sample`: `network`, `received_megabits`, `sent_megabits`, `packets`, their limits,
`dropped`, `filled`, `flooded`, `blind` (its interface is not there), `repeated`.
"""

from collections.abc import Sequence
from typing import Any

from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments
from senim.telemetry.parsers.nginx_json import json_object, text_of
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable
from senim.telemetry.parsers.web import number

_TEXTS = ("door", "marker", "flooder", "holder", "probe", "trouble")
_NUMBERS = (
    "requests", "requests_limit", "addresses", "errors", "held", "held_limit", "probe_ms", "repeated",
)  # fmt: skip
_VERDICTS = ("flooded", "crowded")
_OF_NETWORKS = (
    "received_megabits", "sent_megabits", "megabits_limit", "packets", "packets_limit", "dropped", "repeated",
)  # fmt: skip
_VERDICTS_ON_NETWORKS = ("filled", "flooded", "blind")


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises: what is no sample has the action `other`."""
    row = json_object(line.data)
    fields: Fields = {"host": host, "action": OTHER, "marker": ""}
    if text_of(row, "door") and number(row.get("requests")) is not None:
        fields["action"] = "sample"
        fields |= _told(row, _TEXTS, _NUMBERS, _VERDICTS)
    elif text_of(row, "network") and number(row.get("packets")) is not None:
        fields["action"] = "network-sample"
        fields |= _told(row, ("network", "trouble"), _OF_NETWORKS, _VERDICTS_ON_NETWORKS)
    claimed = moments.iso(text_of(row, "at"))
    if claimed is None and fields["action"] != OTHER:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, readable(line.data))


def _told(row: dict[str, Any], texts: Sequence[str], numbers: Sequence[str], verdicts: Sequence[str]) -> Fields:
    told: Fields = {name: text_of(row, name) for name in texts}
    told |= {name: found for name in numbers if (found := number(row.get(name))) is not None}
    return told | {name: row.get(name) is True for name in verdicts}
