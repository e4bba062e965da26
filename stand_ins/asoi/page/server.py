"""The listener for people: TLS without client certificates, reading only."""

import sys
import traceback
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from stand_ins.asoi.clock import now
from stand_ins.asoi.completeness import chains
from stand_ins.asoi.page import views
from stand_ins.asoi.page.words import Words
from stand_ins.asoi.server.tls import PlainHandler, TlsServer, server_context
from stand_ins.asoi.store import Received, Store

_STYLE = (Path(__file__).parent / "style.css").read_bytes()
_HOSTS = {"127.0.0.1", "localhost"}
_FROM_THE_NEWEST = 2**62
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HTML = "text/html; charset=utf-8"


class Page(TlsServer):
    """What was received, for a browser."""

    def __init__(self, home: Path, port: int, store: Store) -> None:
        self.store = store
        super().__init__(port, _Handler, server_context(home))


class _Handler(PlainHandler):
    server: Page

    def do_GET(self) -> None:  # noqa: N802 - http.server names it so
        """A page, a file of a message, or the style sheet."""
        try:
            self._show()
        except OSError:
            raise  # the connection broke: there is nobody to answer
        except Exception:  # noqa: BLE001 - the edge: shown whole in the log, and the next page is served
            traceback.print_exc(file=sys.stderr)
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", b"the stand-in failed; its log says how\n")

    do_HEAD = do_GET  # noqa: N815 - the same

    def _show(self) -> None:
        try:
            host, address = urlsplit(f"//{self.headers.get('Host', '')}").hostname, urlsplit(self.path)
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, "text/plain", b"no such address can be\n")
            return
        # A page of another origin whose name was made to point here (DNS rebinding) is told nothing.
        if host not in _HOSTS:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", b"this is 127.0.0.1\n")
            return
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        words = Words(query.get("lang", ""))
        match address.path.strip("/").split("/"):
            case [""]:
                self._html(self._list(query.get("before", ""), words))
            case ["feed"]:
                found = chains(one.message for one in self.server.store.all())
                self._html(views.feed_page(found, words))
            case ["style.css"]:
                self._send(HTTPStatus.OK, "text/css; charset=utf-8", _STYLE)
            case ["messages", identifier] if one := self._find(identifier):
                self._html(views.message_page(one, words))
            case ["messages", identifier, "sealed.p7m"] if one := self._find(identifier):
                self._send(HTTPStatus.OK, "application/pkcs7-mime", one.sealed)
            case ["messages", identifier, "content.json"] if one := self._find(identifier):
                self._send(HTTPStatus.OK, "application/json", one.content)
            case ["messages", identifier, "receipt.p7m"] if one := self._find(identifier):
                self._send(HTTPStatus.OK, "application/pkcs7-mime", one.receipt)
            case _:
                self._html(views.not_found(words), HTTPStatus.NOT_FOUND)

    def _list(self, before: str, words: Words) -> str:
        store = self.server.store
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else _FROM_THE_NEWEST  # noqa: PLR2004
        return views.list_page(store.latest(views.PER_PAGE, number), store.count(), store.behaviour(now()), words)

    def _find(self, identifier: str) -> Received | None:
        try:
            return self.server.store.one(UUID(identifier))
        except ValueError:
            return None

    def _html(self, page: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(status, _HTML, page.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
