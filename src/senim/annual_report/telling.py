"""Tells the regulator of what was filed, in a thread of the worker: setting a full year takes seconds.

The worker's handlers have their turn one after another, and incidents are told by them: nothing that takes seconds may
stand in their way (R228/81-1: immediately).
"""

import logging
import threading

from django.db import IntegrityError, connection

from senim.annual_report import operations, queries
from senim.audit.operations import Actor
from senim.kit.process import Process

WORKER = Actor.process("worker")
_LOOK = 2.0
log = logging.getLogger(__name__)


def run(process: Process, ended: threading.Event) -> None:
    """Look for filings that wait until `ended`. A second worker that tells the same one at once tells nothing.

    Raises `OperationalError` where the database goes away: then the process ends and is started again.
    """
    try:
        while not ended.wait(_LOOK):
            for filing in queries.waiting():
                try:
                    operations.tell(process.instance, filing.pk, actor=WORKER)
                except IntegrityError:
                    log.info("%s was told by another worker", filing.subject)
    finally:
        connection.close()
