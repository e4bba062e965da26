"""The collector of a house in use: what is no log stops nothing, and its role may add notices and nothing else."""

from pathlib import Path

import psycopg
import pytest

from senim.telemetry.settings import telemetry_settings
from tests.functional.house import House
from tests.functional.test_collector import Ledger, append, until

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81-2")]


def log_of(house: House) -> Path:
    """The file that the house follows as `sshd`; the first exercise writes there too."""
    return Path(telemetry_settings(house.instance).sources[0].path)


def test_what_is_no_log_is_counted_by_name_and_never_stops_anything(house: House) -> None:
    log, ledger = log_of(house), Ledger(house)
    before = ledger.lines("sshd")
    odd = [b"\x00\x01\x02 garbage", b"\xff\xfe not UTF-8", b"x" * 1_000_000, b"", b"Nov 99 99:99:99 gate-1 sshd[1]: x"]
    future = b"2126-11-22T17:00:13Z gate-1 sshd[1]: Server listening on 0.0.0.0 port 22."
    past = b"1970-01-01T00:00:00Z gate-1 sshd[1]: Server listening on 0.0.0.0 port 22."
    append(log, b"\n".join([*odd, future, past]) + b"\n")
    until(lambda: ledger.lines("sshd"), lambda lines: lines >= before + 7)
    flaws = ledger.flaws("sshd")
    for name in ("binary", "not-utf8", "truncated", "time-future", "time-ancient", "time-unreadable"):
        assert flaws.get(name, 0) >= 1, name


@pytest.mark.refusal
def test_the_collector_may_add_notices_and_change_nothing(house: House) -> None:
    from senim.kit import secrets
    from senim.site.database.connections import server

    known = secrets.load(house.instance, "collector").database
    assert known is not None
    where = server(house.instance)
    with psycopg.connect(
        host=where.host, port=where.port, dbname=where.name, user=known.role, password=known.password, autocommit=True
    ) as connection:
        assert connection.execute("SELECT count(*) FROM telemetry_notice").fetchone()
        for refused in (
            "DELETE FROM telemetry_notice",
            "UPDATE telemetry_notice SET kind = 'collecting'",
            "UPDATE telemetry_ledger SET next_seq = 1",
            "INSERT INTO telemetry_gap (first, last) VALUES (1, 1)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused.encode())
