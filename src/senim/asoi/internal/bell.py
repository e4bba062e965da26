"""What the sender waits for: somebody calls it through the database, or one of its own lanes is done."""

import os
import select
from contextlib import suppress

from django.db import connection

from senim.asoi.internal.outbox import WAKE_SENDER


class Bell:
    """Wakes the sender's own thread, which holds the database connection."""

    def __init__(self) -> None:
        self._rung = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._called = False

    def listen(self) -> None:
        """Ask PostgreSQL to call this connection when something is put into the outbox."""
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {WAKE_SENDER}")

    def ring(self) -> None:
        """Wake whoever waits. May be asked from any thread."""
        os.eventfd_write(self._rung, 1)

    def wait(self, seconds: float) -> None:
        """Return when called, rung, or after `seconds`. Raises `OperationalError` where the database has gone."""
        self._hear()
        if not self._called:
            waiting = select.poll()
            waiting.register(self._rung, select.POLLIN)
            waiting.register(connection.connection.fileno(), select.POLLIN)
            waiting.poll(seconds * 1000)

    def is_called(self) -> bool:
        """Whether somebody else has called since this was asked last; what rang before is quiet.

        Raises `OperationalError` where the database has gone.
        """
        with suppress(BlockingIOError):
            os.eventfd_read(self._rung)
        self._hear()
        called, self._called = self._called, False
        return called

    def close(self) -> None:
        """Ring no more."""
        os.close(self._rung)

    def _hear(self) -> None:
        ours = connection.connection.info.backend_pid
        with connection.wrap_database_errors:
            for call in connection.connection.notifies(timeout=0):
                # What we write ourselves calls us as well, and tells us nothing.
                self._called = self._called or call.pid != ours
