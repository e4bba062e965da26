"""What became of it: what the regulator was told, in which order, how often; what of the log was read."""

import json
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from senim.exercises.bench.chaos.log import HOUR, Log
from senim.exercises.bench.chaos.stage import Stage
from senim.exercises.bench.house import House

_PATIENCE = 150.0
"""Seconds without anything new after which nothing more is expected."""
_MOST = 10_000
_NOTICE = "IncidentNotice"
_EVENTS = "EventBatch"
"""Batches of events come at any time and are counted by nobody here."""


@dataclass(frozen=True)
class Told:
    """What the regulator has, without exercises, in the order of arrival."""

    messages: list[dict[str, Any]]

    @property
    def targets(self) -> Counter[str]:
        """How often each target was told of by a first notice."""
        return Counter(one["content"]["body"]["target"] for one in self.messages if one["kind"] == _NOTICE)

    def about(self, machines: Collection[str]) -> list[dict[str, Any]]:
        """All messages about incidents on `machines`."""
        notices = [one for one in self.messages if one["kind"] == _NOTICE]
        known = {one["about"] for one in notices if one["content"]["body"]["target"] in machines}
        return [one for one in self.messages if one["about"] in known]

    @property
    def doubled(self) -> int:
        """First notices beyond the first of a target, and messages beyond the first of one number about an incident."""
        return sum(n - 1 for n in self.targets.values()) + self.doubled_numbers

    @property
    def doubled_numbers(self) -> int:
        """Messages beyond the first of one number about an incident."""
        numbers = Counter((one["about"], one["sequence"]) for one in self.messages)
        return sum(n - 1 for n in numbers.values())

    @property
    def out_of_order(self) -> int:
        """Messages that arrived after a later one about the same incident."""
        latest: dict[str, int] = {}
        late = 0
        for one in self.messages:
            late += one["sequence"] < latest.get(one["about"], 0)
            latest[one["about"]] = max(latest.get(one["about"], 0), one["sequence"])
        return late


def told(house: House) -> Told:
    """What the regulator has of incidents now."""
    listed = house.regulator("list", "--full")
    return Told([one for one in listed if not one["exercise"] and one["kind"] != _EVENTS])


def wait_for(house: House, machines: Collection[str]) -> Told:
    """What the regulator has once it was told of all `machines` and every receipt is there, or patience is over."""
    seen, deadline = -1, time.monotonic() + _PATIENCE
    while True:
        found = told(house)
        waiting = house.ask("asoi", "messages", "--waiting", "--json")
        is_quiet = waiting.returncode == 0 and all(one["kind"] == _EVENTS for one in json.loads(waiting.stdout))
        if (is_quiet and set(machines) <= set(found.targets)) or time.monotonic() > deadline:
            return found
        if len(found.messages) > seen:
            seen, deadline = len(found.messages), time.monotonic() + _PATIENCE
        time.sleep(1.0)


def incidents(house: House, machines: Collection[str]) -> list[str]:
    """The targets of the incidents that the house has opened on `machines`."""
    listed = json.loads(house.senim("incidents", "list", "--counted", "--limit", "100000", "--json"))
    return [one["target"] for one in listed if one["target"] in machines]


def silent_hours(stage: Stage, *, cuts: int) -> int:
    """Whole hours, by the log's own time, of which lines are missing from the event history and nothing says so.

    What the house says are numbers that never arrived, and losses: more of them than the log was cut.
    """
    deadline = time.monotonic() + _PATIENCE
    while short := _short(stage.log, _kept(stage.house)):
        if time.monotonic() > deadline:
            source = stage.source()
            is_said = source.get("missing", 0) > 0 or source.get("losses", 0) > cuts
            return 0 if is_said else len(short)
        time.sleep(2.0)
    return 0


def _kept(house: House) -> Counter[str]:
    """How many whole lines of ours the event history has, by the hour that each names."""
    done = house.ask("events", "search", "--host", "chaos-*", "--limit", str(_MOST), "--json")
    events = json.loads(done.stdout)["events"] if done.returncode == 0 else []
    return Counter(event["text"][:HOUR] for event in events)


def _short(log: Log, kept: Counter[str]) -> set[str]:
    """The hours of which less is kept than was written."""
    return {hour for hour, written in log.hours.items() if kept[hour] < written}
