"""Whatever clock the machine shows, every log of the house tells moments in UTC."""

import logging
from io import StringIO
from logging.config import DictConfigurator

import pytest
from django.conf import settings

from senim.kit.instance import Instance
from senim.site.embedded.nats import Nats
from senim.site.embedded.postgres import Postgres


@pytest.fixture
def said() -> "logging.StreamHandler[StringIO]":
    """What a process of ours says in its log."""
    configured = DictConfigurator({**settings.LOGGING, "version": 1})  # type: ignore[no-untyped-call]
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(configured.configure_formatter(dict(settings.LOGGING["formatters"]["line"])))
    return handler


def test_our_own(said: "logging.StreamHandler[StringIO]") -> None:
    record = logging.makeLogRecord({"created": 1_790_000_000.25, "msg": "told", "correlation": "-"})
    said.emit(record)
    assert said.stream.getvalue().startswith("2026-09-21T14:13:20.250Z ")


def test_postgresql_s(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        assert connection.execute("SHOW log_timezone").fetchone() == ("UTC",)


def test_nats_s(instance: Instance) -> None:
    assert Nats(instance)._configuration()["logtime_utc"] is True
