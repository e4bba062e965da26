"""Table `[history]` of senim.toml: how long events are kept, and how much room is left to others."""

from typing import Annotated

import msgspec

from senim.kit.instance import Instance


class HistorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[history]`."""

    retention_days: Annotated[int, msgspec.Meta(ge=1)] = 400
    """Days after which events leave, counted from the day on which they were read. Our choice, the law names none:
    a whole calendar year is still there when the report on it is due on 20 January, and two weeks more."""
    reserve_megabytes: Annotated[int, msgspec.Meta(ge=0)] = 2560
    """Free space below which the history stops growing: the stream's quota, and half a gigabyte for the database. On a
    disk that fills up the history is the first to wait; detection, incidents and messages go on."""

    @property
    def reserve(self) -> int:
        """The same in bytes."""
        return self.reserve_megabytes * 1024 * 1024


def history_settings(instance: Instance) -> HistorySettings:
    """Table `[history]`. Raises `BadSettings`."""
    return instance.section("history", HistorySettings)
