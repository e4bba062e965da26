"""Samples for tests: lines as a monitor writes them, and the frames that carry them."""

import itertools
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from senim.detection.internal.ruleset import Ruleset
from senim.detection.models import Alert
from senim.detection.operations import observe
from senim.detection.rules import Engine
from senim.telemetry.frames import Frame, Line

BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
READ = BEGAN + timedelta(days=1)

Sample = tuple[float, bool]
"""Seconds after `BEGAN`, and whether the service answered."""
_epochs = itertools.count(1)


def at(seconds: float) -> datetime:
    """A moment after `BEGAN`."""
    return BEGAN + timedelta(seconds=seconds)


def line(sample: Sample, service: str = "web", **more: object) -> bytes:
    """A sample as a monitor writes it."""
    seconds, is_up = sample
    said = {"at": at(seconds).isoformat(), "service": service, "ok": is_up, "reason": "" if is_up else "refused"}
    return json.dumps({**said, **more}).encode()


def every(step: float, since: float, until: float, is_up: bool) -> list[Sample]:
    """Samples all `step` seconds from `since` until before `until`."""
    return [(since + step * n, is_up) for n in range(int((until - since - 1e-6) // step) + 1)] if until > since else []


def frame(lines: Sequence[bytes], *, source: str = "monitor", kind: str = "heartbeat", read: datetime = READ) -> Frame:
    """`lines` in an epoch of their own, so that the ledger takes each of them for new."""
    numbered = tuple(Line(n, read.timestamp(), data) for n, data in enumerate(lines, start=1))
    return Frame(source, kind, "bureau-1", f"e{next(_epochs)}", numbered)


def see(samples: Iterable[Sample], service: str = "web", **wishes: object) -> list[Alert]:
    """Let detection take `samples` in one frame; the alerts."""
    return observe(Engine(Ruleset()), frame([line(sample, service) for sample in samples], **wishes))  # type: ignore[arg-type]
