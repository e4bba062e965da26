"""How a line in a log of our processes says when it was written: in UTC, as the engines' logs do."""

import logging
from datetime import UTC, datetime

from senim.kit.clock import iso


class LogLine(logging.Formatter):
    """A line whose moment can be laid beside those of PostgreSQL, of NATS and of audit rows."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - logging's
        """When the line was written."""
        return iso(datetime.fromtimestamp(record.created, tz=UTC))
