"""The sealer's process: every committed row is in the log, under a signed checkpoint, within a second."""

from django.db import connection

from senim.audit import log_key
from senim.audit.internal.memory import Memory
from senim.audit.internal.sealing import BATCH, Sealing
from senim.audit.operations import WAKE_SEALER
from senim.kit.process import Process, announce_ready
from senim.pulse.operations import Pulse

LOCK = 0x73656E696D01
"""PostgreSQL advisory lock (one bigint, "senim" and 1): whoever holds it is the sealer."""
_LOOK_AGAIN = 0.5
"""Seconds after which it looks for rows although nobody called: a lost call costs no more than this."""

_TOGETHER = 0.1
"""Seconds for which rows that follow one another are waited for: they are sealed under one checkpoint, which costs a
signature, a commit and a file, however many they are."""


def run(process: Process) -> None:
    """Seal until asked to stop.

    A second sealer waits for the first to end: the lock lives and dies with the database connection that also does the
    work. Raises `LogContradicted` rather than sign on top of a log that somebody changed, `OperationalError` when the
    database goes away: the supervisor starts it again, and its log says why.
    """
    sealing = Sealing(log_key.signer(process.instance), Memory.of(process.instance))
    while not _hold_lock():
        if process.wait(_LOOK_AGAIN):
            return
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {WAKE_SEALER}")
    announce_ready()
    pulse = Pulse(process.name)
    while not process.stopping.is_set():
        pulse.beat()
        if sealing.seal() < BATCH:
            _wait_for_news()
            process.wait(_TOGETHER)


def _hold_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (held,) = cursor.fetchone()
    return bool(held)


def _wait_for_news() -> None:
    """Return when some transaction with rows has committed, or after a while."""
    for _ in connection.connection.notifies(timeout=_LOOK_AGAIN, stop_after=1):
        pass
