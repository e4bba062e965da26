"""Samples as the bureau's own monitor writes them."""

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from senim.availability.terms import DOWNTIME

HOUR = DOWNTIME.length
EVERY = timedelta(seconds=60)


def outage(began_at: datetime, lasts: timedelta) -> Iterator[tuple[datetime, bool]]:
    """Samples of a service that is up, down from `began_at` for exactly `lasts`, and up again."""
    for minutes in (3, 2, 1):
        yield began_at - EVERY * minutes, True
    at = began_at
    while at < began_at + lasts:
        yield at, False
        at += EVERY
    yield began_at + lasts, True


def write(log: Path, service: str, samples: Iterator[tuple[datetime, bool]]) -> None:
    """Append `samples` of `service` to `log`, as one write: other exercises may append as well."""
    lines = [
        json.dumps({"at": at.isoformat(), "service": service, "ok": is_up, "reason": "" if is_up else "refused"})
        for at, is_up in samples
    ]
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, "".join(f"{line}\n" for line in lines).encode())
    finally:
        os.close(handle)
