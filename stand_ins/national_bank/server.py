"""`POST /messages`: where bureaus deliver to the bank, over mutual TLS as to ASOI itself."""

import sys
import threading
import traceback
from http import HTTPStatus
from pathlib import Path

from stand_ins.asoi.server.tls import PlainHandler, TlsServer, mutual_context
from stand_ins.national_bank.behaviour import Mode, mode
from stand_ins.national_bank.misdeeds import changed, own_receipt
from stand_ins.national_bank.onward import MEDIA_TYPE, Answered, Onward
from stand_ins.national_bank.passed import note

PATH = "/messages"
LARGEST = 16 * 1024 * 1024
"""Bytes of a sealed message."""
_LONGEST_SILENCE = 600.0
"""Seconds after which even a silent stand-in lets go of a connection."""


class Server(TlsServer):
    """The listener for bureaus."""

    daemon_threads = True

    def __init__(self, home: Path, port: int, onward: Onward) -> None:
        self.home, self.onward, self.noting = home, onward, threading.Lock()
        super().__init__(port, _Handler, mutual_context(home))


class _HangUp(Exception):
    """End the connection without a further byte."""


class _Handler(PlainHandler):
    server: Server
    server_version = "National-Bank-stand-in"

    def do_POST(self) -> None:  # noqa: N802 - http.server names it so
        """Pass one message on and bring back what ASOI said, as the behaviour of the hour has it."""
        try:
            self._carry()
        except _HangUp:
            self.close_connection = True
        except OSError:
            raise  # the connection broke: there is nobody to answer
        except Exception:  # noqa: BLE001 - the edge: shown whole in the log, and the next message is carried
            traceback.print_exc(file=sys.stderr)
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, "the stand-in failed; its log says how")

    def _carry(self) -> None:
        # What can be refused here is form alone. The kind of a message cannot be seen: it is sealed for the regulator.
        if self.path != PATH:
            return self._say(HTTPStatus.NOT_FOUND, f"deliver to {PATH}")
        if self.headers.get_content_type() != MEDIA_TYPE:
            return self._say(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type must be {MEDIA_TYPE}")
        if not 0 < (length := self._length()) <= LARGEST:
            return self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a message has 1 to {LARGEST} bytes")
        sealed = self.rfile.read(length)
        if len(sealed) < length:
            raise _HangUp
        self._answer(self._answered(sealed, self.headers.get("Senim-Message", "")))
        return None

    def _length(self) -> int:
        """The promised length; 0 where none is promised or nobody would believe it."""
        said = self.headers.get("Content-Length", "")
        return int(said) if said.isascii() and said.isdigit() and len(said) <= len(str(LARGEST)) else 0

    def _answered(self, sealed: bytes, named: str) -> Answered:
        now = mode(self.server.home)
        match now:
            case Mode.SILENT:
                self._stay_silent()
            case Mode.DOWN:
                raise _HangUp
            case Mode.OWN_SIGNATURE:
                return Answered(HTTPStatus.OK, MEDIA_TYPE, own_receipt(self.server.home, named, sealed))
            case Mode.CHANGED_MESSAGE:
                sealed = changed(sealed)
        answered = self.server.onward.send(sealed, named)
        with self.server.noting:
            note(self.server.home, named, sealed, answered)
        if now is Mode.CUT:
            raise _HangUp
        if now is Mode.CHANGED_RECEIPT:
            return Answered(answered.status, answered.kind, changed(answered.body))
        return answered

    def _answer(self, answered: Answered) -> None:
        self.close_connection = True
        self.send_response(answered.status)
        self.send_header("Content-Type", answered.kind)
        self.send_header("Content-Length", str(len(answered.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answered.body)

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._answer(Answered(status, "text/plain; charset=utf-8", text.encode() + b"\n"))

    def _stay_silent(self) -> None:
        """Hold the connection until the peer lets go of it or ten minutes have passed."""
        self.connection.settimeout(_LONGEST_SILENCE)
        self.connection.recv(1)
        raise _HangUp
