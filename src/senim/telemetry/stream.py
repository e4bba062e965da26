"""The durable stream: its name, its address, its settings, and how a process reaches it."""

import logging
import os
import ssl
from pathlib import Path

import msgspec
import nats
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from nats.aio.client import Client

from senim.kit.instance import BadSettings, Instance
from senim.kit.process import Process

URL_VARIABLE = "SENIM_NATS_URL"
EMBEDDED_HOST = "127.0.0.1"
EMBEDDED_TRUST = "embedded-stream"
"""Under which name in `trust/` the embedded server's own certificate lies."""
STREAM = "EVENTS"
SUBJECTS = "ev.>"
CONSUMER = "detection"
HISTORY = "history"
"""The consumer that keeps every line (`senim.history`)."""
FEED = "feed"
"""The consumer that picks events for the regulator (`senim.event_feed`)."""
PLACES = "places"
"""The collector's own consumer: it holds the newest frame of each source in the stream (`internal/room.py`)."""
DUPLICATE_WINDOW = 600
"""Seconds in which the server knows the identity of a frame again; the ledger knows it for ever."""
ACKNOWLEDGE_WITHIN = 30
"""Seconds after which the server gives a frame that nobody acknowledged to another worker."""
_RECONNECT_WAIT = 0.5

log = logging.getLogger(__name__)


class StreamSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[stream]` of senim.toml."""

    port: int = 4222
    """Where the embedded server listens on loopback."""
    quota_megabytes: int = 2048
    """What the stream may hold of frames that its readers have not finished yet. When it is full the collector waits
    and says so, nothing is thrown away; it says so well before, too."""
    replicas: int = 1
    """On how many servers of the bureau's own cluster each frame lies before it is acknowledged."""


def stream_settings(instance: Instance) -> StreamSettings:
    """Table `[stream]`. Raises `BadSettings` where it says something unknown."""
    return instance.section("stream", StreamSettings)


def address(instance: Instance) -> str:
    """The stream's URL: `SENIM_NATS_URL` (the bureau's own cluster, comma-separated), else the embedded server's."""
    settings = stream_settings(instance)
    return os.environ.get(URL_VARIABLE) or f"tls://{EMBEDDED_HOST}:{settings.port}"


def subject(source: str) -> str:
    """Where the frames of `source` are published."""
    return f"ev.{source}"


def inbox(user: str) -> str:
    """The prefix under which `user` hears answers: nobody else may listen there."""
    return f"_INBOX_{user}"


async def connect(process: Process) -> Client:
    """A connection as the stream user of `process`; waits for a server, and comes back to it for ever after.

    The handshake comes first: a server that does not show who it is is told nothing, on this machine too.
    Raises `BadSettings` where the process has no stream secret, or an address would carry it in clear.
    """
    secret = process.secrets.stream
    if secret is None:
        raise no_secret(process.instance, process.name)
    servers = address(process.instance).split(",")
    _raise_if_clear(servers)
    said: set[str] = set()
    logging.getLogger("asyncio").addFilter(_is_news)

    async def complain(error: Exception) -> None:
        """Say what keeps the server from answering."""
        if repr(error) not in said:  # once, not every half second
            said.add(repr(error))
            log.warning("the stream at %s: %s", ", ".join(servers), error)

    async def back() -> None:
        """Say that it answers again."""
        said.clear()
        log.warning("the stream at %s answers again", ", ".join(servers))

    return await nats.connect(
        servers,
        name=process.name,
        user=secret.user,
        password=secret.password,
        inbox_prefix=inbox(secret.user).encode(),
        tls=_trust(process.instance),
        # Else the client would ask the server's greeting, which anybody on the way can write, whether to encrypt.
        tls_handshake_first=True,
        error_cb=complain,
        reconnected_cb=back,
        reconnect_time_wait=_RECONNECT_WAIT,
        max_reconnect_attempts=-1,
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Whether asyncio says more than that the client closes a connection over TLS as one without."""
    return not record.getMessage().startswith("returning true from eof_received()")


def no_secret(instance: Instance, process: str) -> BadSettings:
    """What is wrong where `process` does not know how to sign in at the stream."""
    return BadSettings(format_lazy(_("{path} has no [stream] secret"), path=instance.secrets_file(process)))


def _raise_if_clear(servers: list[str]) -> None:
    for server in servers:
        if not server.startswith("tls://"):
            clear = _("{variable}: {server} must begin with tls://")
            raise BadSettings(format_lazy(clear, variable=URL_VARIABLE, server=server.rpartition("@")[2]))


def _trust(instance: Instance) -> ssl.SSLContext:
    """Whom the server must be certified by.

    Of the embedded one its own certificate is known and nothing else is believed. Of the bureau's own,
    `trust/stream.crt` where it lies, else the system's authorities.
    """
    if not os.environ.get(URL_VARIABLE):
        return _believing(instance.trust(EMBEDDED_TRUST))
    anchor = instance.trust("stream")
    return _believing(anchor if anchor.exists() else None)


def _believing(anchor: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(anchor) if anchor else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
