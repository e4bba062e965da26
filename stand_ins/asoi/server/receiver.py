"""`POST /messages`: where bureaus deliver."""

import os
import ssl
import sys
import threading
import traceback
from contextlib import nullcontext
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

from stand_ins.asoi import receipt
from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.clock import now
from stand_ins.asoi.credentials import Credentials
from stand_ins.asoi.intake import receive
from stand_ins.asoi.refusal import Refused
from stand_ins.asoi.server.tls import PlainHandler, TlsServer, mutual_context
from stand_ins.asoi.store import Arrival, CannotKeep, Store

PATH = "/messages"
LARGEST = 16 * 1024 * 1024
"""Bytes of a sealed message."""
_LONGEST_SILENCE = 600.0
"""Seconds after which even a silent stand-in lets go of a connection."""


class Receiver(TlsServer):
    """The listener for bureaus."""

    def __init__(self, home: Path, port: int, store: Store, credentials: Credentials) -> None:
        self.store, self.credentials = store, credentials
        self.stopping = threading.Event()
        super().__init__(port, _Handler, mutual_context(home))


class _HangUp(Exception):
    """End the connection without a further byte."""


class _Handler(PlainHandler):
    server: Receiver

    def do_POST(self) -> None:  # noqa: N802 - http.server names it so
        """Receive one message and answer as the behaviour of the hour has it."""
        try:
            self._deliver()
        except _HangUp:
            self.close_connection = True
        except Refused as refusal:
            self._refuse(refusal.status, refusal.text)
        except CannotKeep as error:
            self._refuse(HTTPStatus.INSUFFICIENT_STORAGE, f"cannot be kept: {error}")
        except OSError:
            raise  # the connection broke: there is nobody to answer
        except Exception:  # noqa: BLE001 - the edge: shown whole in the log, and the next message is served
            traceback.print_exc(file=sys.stderr)
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "the stand-in failed; its log says how")

    def do_GET(self) -> None:  # noqa: N802 - http.server names it so
        """Nothing is to be had here; people have a page of their own."""
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, f"deliver with POST {PATH}")

    def _deliver(self) -> None:
        if self.path != PATH:
            raise Refused(HTTPStatus.NOT_FOUND, f"deliver to {PATH}")
        behaviour = self.server.store.behaviour_for_one(now())
        if behaviour.mode in {Mode.DOWN, Mode.CUT_BEFORE}:
            raise _HangUp
        sealed = self._body()
        if behaviour.mode is Mode.SILENT:
            self._stay_silent()
        if behaviour.mode is Mode.ERROR:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "out of service for the moment")
        arrival = receive(sealed, self.server.credentials, now(), behaviour.clock_error)
        with self.server.store.without_room() if behaviour.mode is Mode.DISK_FULL else nullcontext():
            kept = self.server.store.keep(arrival)
        self._answer(behaviour, arrival, kept)

    def _body(self) -> bytes:
        if self.headers.get_content_type() != "application/pkcs7-mime":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/pkcs7-mime")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        if len(length) > len(str(LARGEST)) or int(length) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a message has at most {LARGEST} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _HangUp
        return body

    def _answer(self, behaviour: Behaviour, arrival: Arrival, kept: bytes) -> None:
        match behaviour.mode:
            case Mode.CUT_AFTER:
                raise _HangUp
            case Mode.LATE:
                self.server.stopping.wait(behaviour.delay)
                self._send(kept)
            case Mode.TWICE:
                self._send(kept)
                self._send(kept)
            case Mode.HALF:
                self._send(kept, upto=len(kept) // 2)
                raise _HangUp
            case mode:
                self._send(self._receipt(mode, arrival, kept))

    def _receipt(self, mode: Mode, arrival: Arrival, kept: bytes) -> bytes:
        """The receipt that goes out: the true one, or what `mode` puts in its place."""
        message, ours = arrival.message, self.server.credentials
        signer, identifier, sha256 = ours.signer, message.id, message.sha256
        match mode:
            case Mode.GARBAGE:
                return os.urandom(len(kept))
            case Mode.ANOTHER_RECEIPT:
                other = self.server.store.another(than=identifier)
                if other is None:
                    raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "there is no other receipt yet")
                return other.receipt
            case Mode.NEW_SCHEMA:
                changed = receipt.of_another_form(identifier, sha256, arrival.received_at)
                return receipt.sealed(changed, ours, signer)
            case Mode.WRONG_SIGNATURE:
                signer = signer.impostor()
            case Mode.WRONG_HASH:
                sha256 = os.urandom(32).hex()
            case Mode.WRONG_ID:
                identifier = uuid4()
            case _:
                return kept
        return receipt.sealed(receipt.content(identifier, sha256, arrival.received_at), ours, signer)

    def _send(self, body: bytes, upto: int | None = None) -> None:
        """A whole answer; or its headers, which promise `body`, and only the first `upto` bytes of it."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/pkcs7-mime")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:upto])

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        # What was not read of the request stays in the connection, which is therefore not used again.
        self.close_connection = True
        body = text.encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _stay_silent(self) -> None:
        """Hold the connection until the peer lets go of it, the stand-in stops or ten minutes have passed."""
        self.connection.settimeout(0.2)
        waited = 0.0
        while waited < _LONGEST_SILENCE and not self.server.stopping.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                waited += 0.2
            except ssl.SSLError:
                break
        raise _HangUp
