"""The columns of the table, and how the lines of a frame become rows of it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import arro3.core as arrow
from arro3.core import DataType, Field, Schema
from deltalake import Schema as DeltaSchema

from senim.history.events import Event
from senim.history.spans import Spans
from senim.telemetry import parsers
from senim.telemetry.frames import Frame, Line
from senim.telemetry.parsers.moments import read_moment
from senim.telemetry.parsers.observed import OTHER, Observed, readable

_LONGEST = 255
_ADDRESSES = ("src_ip",)
_USERS = ("user", "account")
"""Fields of parsers in which the other side's address and the account's name stand; the first that is there counts."""
_EPOCH_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
PARTITIONS = ("day", "source", "epoch")
"""A day leaves by removing whole files; a file holds one epoch of one source, so its smallest and greatest number and
its count of rows say whether it has holes."""
_TEXT, _NUMBER, _BYTES = DataType.utf8(), DataType.int64(), DataType.binary()
_MOMENT = DataType.timestamp("us", tz="UTC")
_TYPES = {"seq": _NUMBER, "at": _MOMENT, "read_at": _MOMENT, "raw": _BYTES}
NAMES = Event.__struct_fields__
SCHEMA = Schema([Field(name, _TYPES.get(name, _TEXT), nullable=name == "raw") for name in NAMES])


def delta_schema() -> DeltaSchema:
    """The columns as Delta Lake calls them."""
    return DeltaSchema.from_arrow(SCHEMA)


def rows(frame: Frame, held: Spans) -> Iterator[Event]:
    """The lines of `frame` that are not among `held`, as rows."""
    for line in frame.lines:
        if line.seq not in held:
            yield _row(frame, line, _observed(frame, line))


def _observed(frame: Frame, line: Line) -> Observed:
    """What the parser says; a kind that this release cannot read is kept by its text alone."""
    if frame.kind in parsers.PARSERS:
        return parsers.parse(frame.kind, line, frame.host, frame.zone)
    return Observed(read_moment(line.read_at), "read", {"host": frame.host, "action": OTHER}, readable(line.data))


def _row(frame: Frame, line: Line, seen: Observed) -> Event:
    read_at = read_moment(line.read_at)
    return Event(
        day=f"{read_at:%Y-%m-%d}",
        source=frame.source,
        epoch=frame.epoch,
        seq=line.seq,
        at=seen.at,
        read_at=read_at,
        kind=frame.kind,
        host=_name(seen, ("host",)),
        zone=frame.zone,
        action=_name(seen, ("action",)),
        address=_name(seen, _ADDRESSES),
        user=_name(seen, _USERS),
        text=_whole(seen.text),
        raw=None if seen.text.encode("utf-8", "replace") == line.data else line.data,
        flaw=line.flaw,
    )


def _name(seen: Observed, fields: Sequence[str]) -> str:
    found = next((str(seen.fields[name]) for name in fields if name in seen.fields), "")
    return _whole(found if len(found) <= _LONGEST else found[: _LONGEST - 1] + "…")


def _whole(text: str) -> str:
    """`text` without halves of surrogate pairs, which JSON can smuggle in and UTF-8 cannot say."""
    return text.encode("utf-8", "replace").decode()


def table(found: Sequence[Event]) -> arrow.Table:
    """`found` as an Arrow table of our columns."""
    return arrow.Table.from_arrays([_array(name, found) for name in NAMES], schema=SCHEMA)


def _array(name: str, found: Sequence[Event]) -> arrow.Array:
    values = [getattr(row, name) for row in found]
    if _TYPES.get(name) is _MOMENT:
        return arrow.Array([microseconds(value) for value in values], type=_NUMBER).cast(_MOMENT)
    return arrow.Array(values, type=_TYPES.get(name, _TEXT))


def microseconds(moment: datetime) -> int:
    """`moment` as whole microseconds since 1970, exactly."""
    since = moment - _EPOCH_OF_TIME
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds
