"""The decoy's logs: what a proxy would write of each request, and what only the application itself can say."""

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """One request and its answer."""

    src: str
    host: str
    method: str
    target: str
    version: str
    agent: str
    referer: str
    status: int
    sent: int
    milliseconds: int
    violation: str = ""


class Logs:
    """Appends lines to files that it was told."""

    def __init__(self, security: Path, access: Path | None) -> None:
        self._security = security
        self._access = access
        self._lock = threading.Lock()

    def note(self, seen: Seen) -> None:
        """Write down `seen`: every request to the access log, if there is one; violations to the security log."""
        at = datetime.now(tz=UTC)
        if self._access is not None:
            self._append(self._access, _as_nginx(seen, at))
        if seen.violation:
            self._append(self._security, _as_application(seen, at))

    def _append(self, path: Path, line: dict[str, object]) -> None:
        with self._lock, path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def _as_nginx(seen: Seen, at: datetime) -> dict[str, object]:
    """As nginx writes it (log_format with escape=json)."""
    return {
        "msec": f"{at.timestamp():.3f}",
        "remote_addr": seen.src,
        "host": seen.host,
        "remote_user": "",
        "request": f"{seen.method} {seen.target} {seen.version}",
        "request_method": seen.method,
        "request_uri": seen.target,
        "server_protocol": seen.version,
        "status": str(seen.status),
        "body_bytes_sent": str(seen.sent),
        "request_time": f"{seen.milliseconds / 1000:.3f}",
        "http_user_agent": seen.agent,
        "http_referer": seen.referer,
        "request_id": "",
    }


def _as_application(seen: Seen, at: datetime) -> dict[str, object]:
    path, _, query = seen.target.partition("?")
    return {
        "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "door": "decoy",
        "src": seen.src,
        "method": seen.method,
        "path": path,
        "query": query,
        "status": seen.status,
        "bytes": seen.sent,
        "ms": seen.milliseconds,
        "agent": seen.agent,
        "id": "",
        "violation": seen.violation,
    }
