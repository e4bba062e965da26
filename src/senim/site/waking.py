"""The worker's other half: sends letters to people on call, keeps the time in which they answer, makes the checks."""

import threading

from django.db import connection

from senim.doctor.watch import Watch
from senim.kit.checks import Asked
from senim.kit.clock import now
from senim.kit.process import Process
from senim.oncall import operations, pager, queries
from senim.pulse.operations import Pulse

_KEEP_TIME, _LOOK = 5.0, 15.0
"""Seconds between two looks at who has not answered in minutes, and at what has lasted for minutes."""


def run(process: Process, ended: threading.Event) -> None:
    """Wake people until `ended`. A second worker waits until the first has ended.

    Raises `OperationalError` where the database goes away: then the process ends and is started again.
    """
    while not pager.hold_lock():
        if ended.wait(pager.ROUND_SECONDS):
            return
    pager.end_interrupted()
    sending, watch = pager.Pager(process.instance, process.secrets), Watch()
    keeping, looking = pager.Every(_KEEP_TIME), pager.Every(_LOOK)
    pulse = Pulse(*queries.PAGER)
    try:
        while not ended.wait(pager.ROUND_SECONDS):
            pulse.beat()
            sending.work()
            if keeping.is_due():
                operations.look_at_alerts()
                operations.escalate()
            if looking.is_due():
                watch.look(Asked(process.instance, now()))
    finally:
        sending.close()
        connection.close()
