"""A followed text file as a source of the collector."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec

from senim.telemetry.internal import masking
from senim.telemetry.internal.follower import Follower, Place
from senim.telemetry.internal.source import Reading, UnknownPlace
from senim.telemetry.settings import FileSource

_LOOK_EVERY, _LOOK_SELDOM = 0.05, 0.5
"""Seconds between two looks: what has come in between is a frame. The longer nothing comes, the seldomer it looks."""
_PART = 0.1
"""Of the time for which nothing has come, what passes until the next look."""


class LogSource:
    """The file that one entry of `[[telemetry.sources]]` names."""

    def __init__(self, settings: FileSource) -> None:
        self.name: str = settings.name
        self.kind: str = settings.reads
        self.host: str = settings.host
        self.zone: str = settings.zone
        self._from_end = settings.begin == "end"
        self._path = Path(settings.path)
        self._follower = Follower(self._path)
        self._thread = ThreadPoolExecutor(1, settings.name)
        self._heard = time.monotonic()

    @property
    def place(self) -> object:
        """The places in the current file and the rotated ones, oldest first."""
        return msgspec.to_builtins(self._follower.place)

    def begin(self, seen: datetime | None, *, first: bool) -> None:  # noqa: ARG002 - a file cannot tell when
        """Start at the file's first byte, or at its end where the settings say so and nothing was ever read.

        Where only the place was lost, the end would pass over what came since: lines are repeated rather than lost.
        """
        self._follower.close()
        self._follower = Follower(self._path, from_end=first and self._from_end)

    def resume(self, place: object) -> None:
        """Go on from `place`. Raises `UnknownPlace`."""
        try:
            self._follower.resume(msgspec.convert(place, Place))
        except msgspec.ValidationError as error:
            raise UnknownPlace(f"{place!r} is no place in a file: {error}") from error

    async def read(self) -> Reading:
        """What has come since; in a thread of its own: a disk or network folder that hangs holds up no other source."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read)

    def _read(self) -> Reading:
        reading = self._follower.read()
        if self.kind in masking.KINDS:
            reading.lines = masking.without_numbers(reading.lines)
        if reading.lines:
            self._heard = time.monotonic()
        return reading

    async def wait(self) -> None:
        """A frame's time; longer where nothing comes."""
        quiet = time.monotonic() - self._heard
        await asyncio.sleep(min(max(_LOOK_EVERY, _PART * quiet), _LOOK_SELDOM))
