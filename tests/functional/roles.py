"""The database as each process of a running house meets it: signed in with its own role and secret."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from senim.kit import secrets
from senim.site.database.connections import server
from tests.functional.house import House

Connection = psycopg.Connection[tuple[object, ...]]


@contextmanager
def signed_in(house: House, process: str) -> Iterator[Connection]:
    """A connection of `process`; what was not committed is gone afterwards."""
    known = secrets.load(house.instance, process).database
    assert known is not None
    where = server(house.instance)
    with psycopg.connect(
        host=where.host, port=where.port, dbname=where.name, user=known.role, password=known.password
    ) as connection:
        yield connection
        connection.rollback()
