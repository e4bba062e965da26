"""The HTTPS interface, on this machine only: JSON asked, JSON answered, a person's token with everything."""

import json
import ssl
import sys
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stand_ins.payments import asked
from stand_ins.payments.office import Office
from stand_ins.payments.old import OldPath
from stand_ins.payments.people import Person, whose
from stand_ins.payments.refusal import NotReady, Refused
from stand_ins.payments.store import CannotKeep

HOST = "127.0.0.1"
_LARGEST = 1024 * 1024
_PATIENCE = 30.0
Answer = dict[str, Any]


class Payments(ThreadingHTTPServer):
    """Serves the controlled path and the old one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext, office: Office, old: OldPath, people: list[Person]) -> None:
        self.office, self.old, self.people = office, old, people
        self._context = context
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise NotReady(f"{HOST}:{port} cannot be listened on: {error.strerror}") from None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection; the handshake is made in its own thread."""
        request.settimeout(_PATIENCE)
        with self._context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class names them
        """A connection that broke is a line; anything else is our fault and shown whole."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            sys.stderr.write(f"connection ended: {error}\n")
        else:
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    server: Payments  # type: ignore[assignment]
    protocol_version = "HTTP/1.1"
    server_version = "payments-stand-in"
    sys_version = ""
    timeout = _PATIENCE

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        try:
            status, answer = self._answered()
        except Refused as refusal:
            status, answer = refusal.status, {"refused": refusal.why}
        except CannotKeep as error:
            status, answer = HTTPStatus.INSUFFICIENT_STORAGE, {"refused": "cannot-be-kept"}
            sys.stderr.write(f"cannot be kept: {error}\n")
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answered(self) -> tuple[HTTPStatus, Answer]:
        body = self._body()
        who = whose(self.server.people, self.headers.get("Authorization", ""))
        place, middle, last = _parts(self.path)
        do = _WAYS.get((self.command, place, last))
        if do is None:
            raise Refused(HTTPStatus.NOT_FOUND, "no-such-place")
        done = do(self.server, who, middle, body)
        return (HTTPStatus.OK if self.command == "GET" else HTTPStatus.CREATED), done

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or int(length[:10]) > _LARGEST or len(length) > len("1234567"):
            self.close_connection = True
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        return self.rfile.read(int(length))

    def log_message(self, *_arguments: object) -> None:
        """What was done stands in the journal."""


def _parts(path: str) -> tuple[str, str, str]:
    """`/refunds/ID/approval` as (`refunds`, `ID`, `approval`); what is missing is empty."""
    first, *more = path.strip("/").split("/")
    return first, (more[0] if more else ""), "/".join(more[1:])


Way = Callable[[Payments, Person, str, bytes], Answer]


def _open_ledger(server: Payments, who: Person, _middle: str, body: bytes) -> Answer:
    name = asked.name(asked.fields(body, ("name",)), "name")
    server.office.open_ledger(who, name)
    return {"ledger": name}


def _request(server: Payments, who: Person, _middle: str, body: bytes) -> Answer:
    found = asked.fields(body, ("ledger", "amount", "recipient", "account"))
    wish = asked.name(found, "ledger"), asked.amount(found), asked.recipient(found), asked.account(found)
    return {"refund": server.office.request(who, *wish).id}


def _approve(server: Payments, who: Person, refund: str, _body: bytes) -> Answer:
    return {"approval": server.office.approve(who, refund)}


def _execute(server: Payments, who: Person, refund: str, _body: bytes) -> Answer:
    return {"execution": server.office.execute(who, refund)}


def _balance(server: Payments, _who: Person, account: str, _body: bytes) -> Answer:
    return {"account": account, "balance": server.office.balance(account)}


def _approve_as_ever(server: Payments, who: Person, _middle: str, body: bytes) -> Answer:
    return {"approval": server.old.approve(who, asked.name(asked.fields(body, ("refund",)), "refund"))}


def _batch(server: Payments, who: Person, _middle: str, body: bytes) -> Answer:
    return {"executions": server.old.batch(who, asked.items(asked.fields(body, ("items",))))}


_WAYS: Mapping[tuple[str, str, str], Way] = {
    ("POST", "ledgers", ""): _open_ledger,
    ("POST", "refunds", ""): _request,
    ("POST", "refunds", "approval"): _approve,
    ("POST", "refunds", "execution"): _execute,
    ("GET", "accounts", ""): _balance,
    ("POST", "old-approvals", ""): _approve_as_ever,
    ("POST", "old-batches", ""): _batch,
}
"""Method, first and last part of the address → what is done."""
