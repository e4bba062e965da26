"""What a batch says (`schemas/event-batch-1.json`).

Clauses: R228/81-2.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

SCHEMA = "urn:senim:event-batch:1"


class Event(msgspec.Struct, frozen=True):
    """One event, as it goes."""

    number: int
    at: str
    source: str
    epoch: str
    """Hashed: what stays alike is that its lines are numbered in one run."""
    line: int
    kind: str
    action: str
    fields: dict[str, str | int | bool]
    keyed: dict[str, str]


class Missing(msgspec.Struct, frozen=True):
    """Numbers `first` to `last` of a source's lines that never came to the feed."""

    source: str
    epoch: str
    first: int
    last: int


class Content(msgspec.Struct, frozen=True):
    """What waits for a batch."""

    events: tuple[Event, ...] = ()
    missing: tuple[Missing, ...] = ()


_decoder = msgspec.json.Decoder(Content)


def numbered(event: Event, number: int) -> Event:
    """`event` with its number."""
    return msgspec.structs.replace(event, number=number)


def written(content: Content) -> str:
    """`content` as JSON."""
    return msgspec.json.encode(content).decode()


def read(told: str) -> Content:
    """The content that `written` wrote. Raises `msgspec.DecodeError`."""
    return _decoder.decode(told)


def body(first: int, last: int, contents: Sequence[Content]) -> dict[str, Any]:
    """The body of the batch of events `first` to `last`; where it has none, `last` is the number before `first`."""
    return {
        "schema": SCHEMA,
        "first": first,
        "last": last,
        "events": [msgspec.to_builtins(event) for content in contents for event in content.events],
        "missing": [msgspec.to_builtins(missing) for content in contents for missing in content.missing],
    }
