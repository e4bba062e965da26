"""Keeping one source carried, whatever fails in it: the others go on, and what failed is named and tried again."""

import asyncio
import logging
import time
import traceback
from pathlib import Path

from senim.kit.clock import now
from senim.telemetry.internal.carrier import Carrier
from senim.telemetry.internal.source import Remark
from senim.telemetry.notices import NoticeKind

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_STEADY = 60.0
"""Seconds after which a source counts as carried well: the next pause is the shortest again."""

log = logging.getLogger(__name__)


async def keep(carrier: Carrier, *, first_pause: float = _FIRST_PAUSE) -> None:
    """Carry until cancelled. What nobody foresaw goes to the log with its trace, and to the ledger by name."""
    pause = first_pause
    while True:
        began = time.monotonic()
        try:
            await carrier.run()
        except Exception as error:  # the outermost edge of one source: the others are carried on
            log.exception("source %s: collecting failed, tried again", carrier.name)
            if time.monotonic() - began > _STEADY:
                pause = first_pause
            await _say(carrier, error)
        await _rest(carrier, pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _say(carrier: Carrier, error: Exception) -> None:
    try:
        await carrier.say(_failed(error))
    except Exception:  # what hinders saying may be what hinders carrying
        log.exception("source %s: the failure could not be written to the ledger", carrier.name)


def _failed(error: Exception) -> Remark:
    """What failed and where in the program; not the error's words, in which a line of the source may stand."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    facts: dict[str, object] = {"error": type(error).__name__, "where": f"{Path(place.filename).name}:{place.lineno}"}
    return NoticeKind.COLLECTING_FAILED, facts


async def _rest(carrier: Carrier, seconds: float) -> None:
    """Wait, and say meanwhile that the source is not forgotten."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        carrier.came_round = now()
        await asyncio.sleep(min(left, 1.0))
