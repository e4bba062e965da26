"""Where the sender is held still: by locks in the database of the bench's own house, so that it needs no hook.

A trigger waits for a lock as the sender writes a row about one message, or as that write commits; a row that somebody
else has locked is waited for as it is read. The server itself says who waits for whom.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from senim.exercises.bench.chaos.channel.outbox import Connection, Outbox

_KEY = 0x63686F6C64
"""The advisory lock that the triggers wait for: "chold"."""
_WAITS: LiteralString = "SELECT count(*) > 0 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
_FUNCTION = """
CREATE FUNCTION chaos_hold() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared({key}); RETURN NEW; END'
"""
_BEFORE = """
CREATE TRIGGER chaos_hold BEFORE {act} ON {table} FOR EACH ROW WHEN (NEW.{id} = {message} AND {when})
    EXECUTE FUNCTION chaos_hold()
"""
_AT_COMMIT = """
CREATE CONSTRAINT TRIGGER chaos_hold AFTER {act} ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.{id} = {message} AND {when}) EXECUTE FUNCTION chaos_hold()
"""
_REMOVED = "DROP FUNCTION IF EXISTS chaos_hold() CASCADE"


@dataclass(frozen=True)
class Hold:
    """A place in the sender's work, by what it does to a table."""

    table: str
    act: LiteralString
    """INSERT, UPDATE, or SELECT: read for a change."""
    when: LiteralString = "TRUE"
    """What of the new row must hold."""
    at_commit: bool = False
    """Held as the transaction commits, when all of it is done: it does commit, and whoever asked may be gone."""

    @contextmanager
    def of(self, outbox: Outbox, message: str) -> Iterator["Held"]:
        """Hold whoever comes there with `message`, until let go; nothing is left of it behind the block."""
        with outbox.connected() as connection:
            connection.execute("SET lock_timeout = '60s'")
            if self.act == "SELECT":
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM asoi_message WHERE id = %s FOR UPDATE", [message])
            else:
                connection.execute("SELECT pg_advisory_lock(%s)", [_KEY])
                connection.execute(sql.SQL(_FUNCTION).format(key=sql.Literal(_KEY)))
                connection.execute(self._trigger(message))
            held = Held(connection)
            try:
                yield held
            finally:
                held.let_go()
                connection.execute(_REMOVED)

    def _trigger(self, message: str) -> sql.Composed:
        return sql.SQL(_AT_COMMIT if self.at_commit else _BEFORE).format(
            act=sql.SQL(self.act),
            table=sql.Identifier(self.table),
            id=sql.Identifier("id" if self.table == "asoi_message" else "message_id"),
            message=sql.Literal(message),
            when=sql.SQL(self.when),
        )


@dataclass
class Held:
    """A hold that somebody may stand at."""

    connection: Connection

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody stands there now, as the server says."""
        return self.connection.execute(_WAITS).fetchall() == [(True,)]

    def let_go(self) -> None:
        """Whoever stands there goes on."""
        with suppress(psycopg.errors.InFailedSqlTransaction):
            self.connection.execute("ROLLBACK")
        self.connection.execute("SELECT pg_advisory_unlock_all()")
