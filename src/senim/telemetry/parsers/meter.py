"""Samples of the meter (`telemetry.meter`): one JSON object a second at most for each door and marker.

Fields: `door`, `marker` (always), `requests`, `addresses`, `errors`, `held`, their limits, `flooder`, `holder`,
`flooded`, `crowded`, `probe`, `probe_ms`, and `repeated`, the seconds for which the sample stands. The action is
`sample`.
"""

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


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises: what is no sample has the action `other`."""
    row = json_object(line.data)
    fields: Fields = {"host": host, "action": OTHER, "marker": ""}
    if text_of(row, "door") and number(row.get("requests")) is not None:
        fields["action"] = "sample"
        fields |= {name: text_of(row, name) for name in _TEXTS}
        fields |= {name: found for name in _NUMBERS if (found := number(row.get(name))) is not None}
        fields |= {name: row.get(name) is True for name in _VERDICTS}
    claimed = moments.iso(text_of(row, "at"))
    if claimed is None and fields["action"] != OTHER:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, readable(line.data))
