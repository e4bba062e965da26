"""What the database server holds every role of the house to."""

import psycopg
import pytest

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.site.database.roles import ROLES
from senim.site.embedded.postgres import Postgres


@pytest.mark.parametrize("process", sorted(ROLES))
def test_no_session_holds_up_the_news_of_all_by_hanging(instance: Instance, postgres: Postgres, process: str) -> None:
    known, server = secrets.load(instance, process).database, postgres.server
    assert known is not None
    with psycopg.connect(
        host=server.host, port=server.port, dbname=server.name, user=known.role, password=known.password
    ) as connection:
        limits = [
            connection.execute(f"SHOW {limit}".encode()).fetchone()
            for limit in ("idle_in_transaction_session_timeout", "statement_timeout")
        ]
    assert limits == [("1min",), ("5min",)]
