"""Kind 2 by a superuser that nobody decided upon; and an administrator's ordinary evening.

Clauses: R228/81-1(2) (unauthorised access).

Whoever has this machine can read the database superuser's secret, and does what intruders do with it: makes himself
another one, to come back. The role cannot sign in, wears the marker as its name, and is removed at once.
"""

from pathlib import Path

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql

from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Played, Stage
from senim.kit.files import read_private

SOURCE = "postgresql"
_SUPERUSER = "postgres"
_PORT = 5432


class AnotherSuperuser:
    """A role is made superuser."""

    kind = 2
    name = "another superuser"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: somebody makes himself superuser of the database")

    def play(self, stage: Stage, marker: str) -> Played:
        """Make and remove it. Raises `NotPlayed` where the database is not the embedded one."""
        _in_database(stage, marker, "CREATE ROLE {role} SUPERUSER NOLOGIN")
        return Played()


class OrdinaryEvening:
    """A role for reports is made, may read a little, and is removed again."""

    kind = 2
    name = "ordinary evening"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: an administrator makes an ordinary role, lets it read, removes it")

    def play(self, stage: Stage, marker: str) -> Played:
        """Do so. Raises `NotPlayed` where the database is not the embedded one."""
        _in_database(
            stage,
            marker,
            "CREATE ROLE {role} NOSUPERUSER NOLOGIN",
            "GRANT pg_read_all_stats TO {role}",
            "REVOKE pg_read_all_stats FROM {role}",
        )
        return Played()


def _in_database(stage: Stage, marker: str, *statements: str) -> None:
    """Carry out `statements` about the role `marker`, then remove it, whatever happened."""
    log = stage.log_of(SOURCE)
    role = sql.Identifier(marker)
    try:
        with _connected(stage, log) as connection:
            try:
                for statement in statements:
                    connection.execute(sql.SQL(statement).format(role=role))
            finally:
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {role}").format(role=role))
    except (OSError, psycopg.Error) as refusal:
        raise NotPlayed(_("the embedded database cannot be entered: {why}").format(why=refusal)) from refusal


def _connected(stage: Stage, log: Path) -> psycopg.Connection[tuple[object, ...]]:
    """As superuser, by the socket that the server itself wrote down beside its data. Raises `OSError`."""
    secret = stage.instance.home / "secrets" / "supervisor" / "postgres-superuser"
    sockets = (log.resolve().parents[1] / "postmaster.pid").read_text().splitlines()[4]
    return psycopg.connect(
        host=sockets, port=_PORT, dbname="postgres", user=_SUPERUSER, password=read_private(secret).decode(),
        autocommit=True,
    )  # fmt: skip
