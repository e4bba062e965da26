"""The processes of a house as the database sees them, for tests that start none: a connection each, and a beat."""

import time
from datetime import datetime

import psycopg

from senim.kit import secrets
from senim.pulse.models import Beat
from senim.pulse.queries import NAMES
from senim.site.embedded.postgres import Postgres


class Processes:
    """Connections signed in with the roles of processes."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._connections: dict[str, psycopg.Connection[tuple[object, ...]]] = {}

    def connect(self, *names: str) -> None:
        """Sign in as each of `names`."""
        for name in names:
            self._connections[name] = self.session(name)

    def session(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        """A session of the process `name`, as the process itself signs in."""
        known, server = secrets.load(self._postgres.instance, name).database, self._postgres.server
        assert known is not None
        return psycopg.connect(
            host=server.host, port=server.port, dbname=server.name, user=known.role, password=known.password
        )

    def end(self, *names: str) -> None:
        """End the connections of `names`. PostgreSQL says so only to a transaction that has not asked before."""
        for name in names:
            connection = self._connections.pop(name)
            pid = connection.info.backend_pid
            connection.close()
            while self._holds(pid):
                time.sleep(0.01)

    def _holds(self, pid: int) -> bool:
        """Whether the server still serves the session `pid`: it hears of the end a moment later."""
        with self._postgres.connect() as another:
            return bool(another.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone())

    def end_all(self) -> None:
        """End every one."""
        self.end(*list(self._connections))


def beat_at(moment: datetime, *names: str, sources: tuple[str, ...] = ()) -> None:
    """Let each process, and the collector for each of `sources`, have come round last at `moment`."""
    rows = [(name, "") for name in names or NAMES] + [("collector", source) for source in sources]
    for process, part in rows:
        Beat.objects.update_or_create(process=process, part=part, defaults={"at": moment})
