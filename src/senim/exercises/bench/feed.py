"""Events a second into the regulator's hands: log, collector, stream, feed, sealed batch, stand-in, receipt.

The workload: `events` lines of an OpenSSH server, each of which the policy of a newcomer picks and none of which is an
attack, are written to the log that the house follows. Twice: once while everything runs, and the time counts from the
first line written; once while the feed is held still until the stream has all lines and detection is done with them,
and the time counts from the moment in which it is let go. Both end with the last receipt that is stored.
"""

import datetime
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from senim.exercises.bench.house import House
from senim.exercises.errors import NotMeasured

_CHAIN, _SOURCE, _FEED = "event-feed:events", "sshd", "feed"
_LOOK, _PATIENCE = 5.0, 600.0
Say = Callable[[str], None]


class Feed(msgspec.Struct, frozen=True):
    """What was measured."""

    events: int
    """In either run."""
    from_the_stream_per_second: float
    """What the stream holds already, until its last receipt."""
    from_the_log_per_second: float
    """From the first line written to the last receipt, with everything that the house does with lines besides."""
    lost: int
    """Events that the regulator does not hold."""


def measure(house: House, events: int, say: Say) -> Feed:
    """Run the workload twice against a house that is up. Raises `NotMeasured`."""
    say(f"feed: writing {events} lines")
    before = _told(house)
    from_log = _run(house, before + events, lambda: _write(house, 0, events))
    say(f"feed: writing {events} lines while it is held still")
    before = _told(house)
    feed = house.processes()[_FEED]
    feed.suspend()
    try:
        _write(house, events, events)
        _wait(lambda: _read(house) >= 2 * events, "every line in the stream")
    finally:
        from_stream = _run(house, before + events, feed.resume)
    held = {one["about"]: one["complete_up_to"] for one in house.regulator("completeness")}
    return Feed(
        events=events,
        from_the_stream_per_second=round(events / from_stream, 1),
        from_the_log_per_second=round(events / from_log, 1),
        lost=max(0, before + events - held.get(_CHAIN, 0)),
    )


def _run(house: House, wanted: int, begin: Callable[[], None]) -> float:
    """Seconds from `begin` until the last receipt of the first `wanted` events."""
    began = time.time()
    begin()
    _wait(lambda: _is_through(house, wanted), f"receipts for {wanted} events")
    came = [one["delivered_at"] for one in _messages(house) if one["about"] == _CHAIN and one["delivered_at"]]
    return datetime.datetime.fromisoformat(max(came)).timestamp() - began


def _is_through(house: House, wanted: int) -> bool:
    run = _chain(house)
    return bool(run["last_event"] >= wanted and not run["events_kept"] and not run["batches_waiting"])


def _told(house: House) -> int:
    return int(_chain(house)["last_event"])


def _chain(house: House) -> dict[str, Any]:
    runs: list[dict[str, Any]] = _asked(house, "feed")["runs"]
    return next(
        (run for run in runs if run["name"] == _CHAIN), {"last_event": 0, "events_kept": 0, "batches_waiting": 0}
    )


def _asked(house: House, command: str) -> Any:
    """What a command says as JSON, also where it ends by saying that not all is well."""
    return json.loads(house.ask(command, "--json").stdout)


def _messages(house: House) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(house.senim("asoi", "messages", "--json"))
    return found


def _read(house: House) -> int:
    sources = _asked(house, "sources")
    return next(int(each["lines"]) for each in sources if each["source"] == _SOURCE)


def _wait(true: Callable[[], bool], what: str) -> None:
    """Asked rarely, because asking takes time from those who are measured. Raises `NotMeasured`."""
    deadline = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise NotMeasured(f"{what} did not come in {_PATIENCE:.0f} s")
        time.sleep(_LOOK)


def _write(house: House, first: int, count: int) -> None:
    with house.log_of(_SOURCE).open("a", encoding="utf-8", buffering=1024 * 1024) as log:
        log.writelines(_lines(first, count))


def _lines(first: int, count: int) -> Iterator[str]:
    for number in range(first, first + count):
        at = datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="microseconds")
        yield f"{at} office-1 sshd[4242]: {_text(number)}\n"


def _text(number: int) -> str:
    """One of four that are named in `event_feed/policy.toml`."""
    who, address, port = f"person-{number}", f"192.0.2.{number % 250 + 1}", 20000 + number % 40000
    match number % 4:
        case 0:
            return f"Accepted publickey for {who} from {address} port {port} ssh2: ED25519 SHA256:{number:043d}"
        case 1:
            return f"pam_unix(sshd:session): session opened for user {who}(uid=1000) by (uid=0)"
        case 2:
            return f"Failed password for {who} from {address} port {port} ssh2"
        case _:
            return f"pam_unix(sshd:session): session closed for user {who}"
