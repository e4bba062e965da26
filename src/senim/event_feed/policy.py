"""What of an event goes to the regulator: an allow-list of kinds, actions and fields. What is not named stays.

Clauses: R228/81-2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from senim.event_feed.disclosure import Key, discloses
from senim.event_feed.settings import Chosen
from senim.telemetry.parsers import Observed


@dataclass(frozen=True)
class Picked:
    """What of one event goes."""

    action: str
    fields: Mapping[str, str | int | bool]
    keyed: Mapping[str, str]
    """Keyed hashes in place of values, by the field's name."""


class Policy:
    """The events of one instance that go, and the key for what must not be read."""

    def __init__(self, events: Iterable[Chosen], key: Key) -> None:
        self._events = {(chosen.kind, action): chosen for chosen in events for action in chosen.actions}
        self.key = key

    def pick(self, kind: str, seen: Observed) -> Picked | None:
        """What of `seen`, an event of a source of `kind`, goes; None where it stays."""
        action = str(seen.fields.get("action", ""))
        chosen = self._events.get((kind, action))
        if chosen is None:
            return None
        fields: dict[str, str | int | bool] = {}
        keyed: dict[str, str] = {}
        for name in chosen.fields:
            value = seen.fields.get(name, "")
            if value == "":
                continue
            if discloses(str(value)):
                keyed[name] = self.key.hashed(str(value))
            else:
                fields[name] = value
        for name in chosen.keyed:
            if (value := seen.fields.get(name, "")) != "":
                keyed[name] = self.key.hashed(str(value))
        return Picked(action, fields, keyed)
