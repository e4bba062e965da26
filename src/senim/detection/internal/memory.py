"""Groups of correlation in the database: read when a frame asks for them, written back together."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from senim.detection.internal.building import Correlation
from senim.detection.internal.correlate import Group
from senim.detection.internal.engine import moment
from senim.detection.models import Remembered

_decoder = msgspec.msgpack.Decoder(Group)
_encoder = msgspec.msgpack.Encoder()


class Rows:
    """The groups of one transaction (an `engine.Memory`). Whoever uses it holds the lock of `operations.observe`."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}
        self._rules: dict[str, Correlation] = {}

    def prefetch(self, rule: Correlation, keys: Collection[str]) -> None:
        """Read the groups `keys` of `rule` that were not read yet, all at once."""
        identifier = rule.about.id
        self._rules[identifier] = rule
        wanted = [key for key in keys if (identifier, key) not in self._groups]
        if wanted:
            rows = Remembered.objects.filter(rule=identifier, revision=rule.about.revision, key__in=wanted)
            found = {row.key: _decoder.decode(row.state) for row in rows}
            self._groups.update({(identifier, key): found.get(key) or Group() for key in wanted})

    def group(self, rule: Correlation, key: str) -> Group:
        """The group `key` of `rule`."""
        self.prefetch(rule, (key,))
        return self._groups[rule.about.id, key]

    def store(self) -> None:
        """Write everything back, in one statement."""
        rows = [
            Remembered(
                rule=rule,
                revision=self._rules[rule].about.revision,
                key=key,
                state=_encoder.encode(group),
                read_at=_read_at(group),
            )
            for (rule, key), group in self._groups.items()
            if group.marks
        ]
        if rows:
            Remembered.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["rule", "key"],
                update_fields=["revision", "state", "read_at"],
            )


def _read_at(group: Group) -> datetime:
    return moment(max(mark.read_at for mark in group.marks))
