"""The decoy's pages. The first part of every address is whatever an exercise chose; it changes nothing."""

import html
import sqlite3
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from stand_ins.decoy.kept import Kept
from stand_ins.decoy.logs import Logs, Seen

HOST = "127.0.0.1"
_LARGE = 4 * 1024 * 1024
_REFUSALS = {sqlite3.SQLITE_ERROR: "database-syntax", sqlite3.SQLITE_AUTH: "database-right"}
"""What SQLite says of a statement that is none, or that may not be."""
_LINKS = ("account?id=1", "document?name=welcome.txt", "hello?text=Hello", "search?q=report")


class Decoy(ThreadingHTTPServer):
    """Serves the pages on loopback."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, logs: Logs, *, behind_proxy: bool) -> None:
        super().__init__((HOST, port), _Handler)
        self.kept = Kept()
        self.logs = logs
        self.behind_proxy = behind_proxy


class _Handler(BaseHTTPRequestHandler):
    server: Decoy  # type: ignore[assignment]
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        began = time.monotonic()
        status, body, violation = self._answer()
        if self.server.kept.left_in(body):
            violation = "canary"
        self.server.logs.note(
            Seen(
                src=self._source(),
                host=self.headers.get("Host", ""),
                method=self.command,
                target=self.path,
                version=self.request_version,
                agent=self.headers.get("User-Agent", ""),
                referer=self.headers.get("Referer", ""),
                status=status,
                sent=len(body),
                milliseconds=round((time.monotonic() - began) * 1000),
                violation=violation,
            )
        )
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _source(self) -> str:
        claimed = self.headers.get("X-Real-IP", "") if self.server.behind_proxy else ""
        return claimed or str(self.client_address[0])

    def _answer(self) -> tuple[int, bytes, str]:
        """Status, page and what the application noticed."""
        parts = urlsplit(self.path)
        page = unquote(parts.path).rstrip("/").rpartition("/")[2]
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            body = _PAGES.get(page, _index)(self.server.kept, asked)
        except (sqlite3.Error, sqlite3.Warning) as error:
            code = getattr(error, "sqlite_errorcode", 0)  # a second statement is refused by Python, without a code
            return 500, f"<p>{html.escape(str(error))}</p>".encode(), _REFUSALS.get(code, "")
        return (200, body.encode(), "") if body is not None else (404, b"<p>nothing here</p>", "")

    def log_message(self, *_arguments: object) -> None:
        """Requests go to the logs that were named, not to the output."""


Asked = Mapping[str, str]


def _index(_kept: Kept, _asked: Asked) -> str | None:
    return "".join(f'<p><a href="{html.escape(link)}">{html.escape(link)}</a></p>' for link in _LINKS)


def _account(kept: Kept, asked: Asked) -> str | None:
    rows = kept.account(asked.get("id", "0"))
    return "".join(f"<p>{html.escape(' '.join(map(str, row)))}</p>" for row in rows) or "<p>none</p>"


def _document(kept: Kept, asked: Asked) -> str | None:
    return kept.document(asked.get("name", ""))


def _hello(kept: Kept, asked: Asked) -> str | None:
    return f"<p>{html.escape(kept.greeting(asked.get('text', '')))}</p>"


def _search(_kept: Kept, asked: Asked) -> str | None:
    return f"<p>nothing found for {html.escape(asked.get('q', ''))}</p>"


def _large(_kept: Kept, _asked: Asked) -> str | None:
    return "0123456789abcdef" * (_LARGE // 16)


_PAGES: Mapping[str, Callable[[Kept, Asked], str | None]] = {
    "account": _account,
    "document": _document,
    "hello": _hello,
    "search": _search,
    "report.zip": _large,
    "gone": lambda _kept, _asked: None,
}
