"""The console's door, tried from outside: which versions of TLS does it really take?

Clauses: R228/81-13.

What the settings say is not asked. For every version below the law's a ClientHello is sent that offers this version
and no other, and what is sent is looked at first: at its usual security level OpenSSL does not say TLS 1.0 or 1.1 at
all, and a probe that says nothing would find every door strong. From the law's version on, the handshake is made to
its end with the certificate checked, as a browser does.
"""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from socket import create_connection, socket

from django.utils.translation import gettext as _

from senim.asoi.terms import LOWEST_TLS
from senim.doctor.house import Door
from senim.kit.checks import Fault

ANSWERS_WITHIN = 5.0
VERSIONS = {
    ssl.TLSVersion.TLSv1: "TLS 1.0",
    ssl.TLSVersion.TLSv1_1: "TLS 1.1",
    ssl.TLSVersion.TLSv1_2: "TLS 1.2",
    ssl.TLSVersion.TLSv1_3: "TLS 1.3",
}
_HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO = 22, 1, 2
_RECORD_HEAD, _VERSION = 5, slice(9, 11)
"""RFC 5246 §6.2.1 and §7.4.1.2: record type, version, length; then message type, length, and the version offered."""


class Answer(Enum):
    """How a door answers the offer of one version."""

    TAKEN = "taken"
    REFUSED = "refused"


class NotOffered(Exception):
    """Our own TLS library did not say the version that the probe is about."""


def faults(door: Door) -> Iterator[Fault]:
    """Everything about the versions of TLS that `door` takes which the law or its visitors would mind."""
    for version, name in VERSIONS.items():
        named = {"version": name}
        try:
            yield from _mind(door, version, named)
        except NotOffered:
            yield Fault(_("This machine cannot offer %(version)s to try the door") % named, is_known=False)
        except ssl.SSLError as error:
            what = _("The door does not take %(version)s: %(why)s") % {**named, "why": error.reason}
            yield Fault(what, _("Look at the door's certificate and at trust/ca.crt"))
        except OSError as error:
            remedy = _("See whether the console runs: its log on the machine")
            yield Fault(_("The door does not answer: %(why)s") % {"why": error}, remedy, is_known=False)
            return


def _mind(door: Door, version: ssl.TLSVersion, named: dict[str, str]) -> Iterator[Fault]:
    # R228/81-13: no connection below the version that the law fixes.
    if version >= LOWEST_TLS:
        _enter(door, version)
    elif offer(door, version) is Answer.TAKEN:
        remedy = _("End TLS where the lowest version is that of R228/81-13; what stands before the console may be old")
        yield Fault(_("The door takes %(version)s, which the law forbids") % named, remedy)


def offer(door: Door, version: ssl.TLSVersion) -> Answer:
    """How `door` answers a ClientHello that offers `version` alone. Raises `NotOffered`, `OSError`."""
    hello = _hello(door.name, version)
    with create_connection((door.host, door.port), timeout=ANSWERS_WITHIN) as connection:
        connection.sendall(hello)
        return Answer.TAKEN if _heard(connection)[_VERSION] == _code(version) else Answer.REFUSED


def _hello(name: str, version: ssl.TLSVersion) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # The library rightly calls these versions old: that is why we offer them.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = version
        context.maximum_version = version
    sent = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        hello = sent.read()
    except ssl.SSLError as error:
        raise NotOffered from error
    if hello[:1] != bytes([_HANDSHAKE]) or hello[_RECORD_HEAD] != _CLIENT_HELLO or hello[_VERSION] != _code(version):
        raise NotOffered
    return hello


def _heard(connection: socket) -> bytes:
    """The beginning of a ServerHello; empty where the door answered with an alert, or by hanging up."""
    heard = b""
    with suppress(ConnectionResetError):
        while len(heard) < _VERSION.stop and (part := connection.recv(_VERSION.stop - len(heard))):
            heard += part
    is_hello = heard[:1] == bytes([_HANDSHAKE]) and heard[_RECORD_HEAD : _RECORD_HEAD + 1] == bytes([_SERVER_HELLO])
    return heard if is_hello else b""


def _enter(door: Door, version: ssl.TLSVersion) -> None:
    """The whole handshake. Raises `ssl.SSLError` where the door refuses it or does not prove who it is."""
    context = ssl.create_default_context(cafile=str(door.authority))
    context.minimum_version = context.maximum_version = version
    with create_connection((door.host, door.port), timeout=ANSWERS_WITHIN) as connection:
        with context.wrap_socket(connection, server_hostname=door.name):
            return


def _code(version: ssl.TLSVersion) -> bytes:
    return int(version).to_bytes(2, "big")
