"""NATS JetStream: the durable stream between collector and detection.

`sync_interval: always`, so that an acknowledged frame is on disk; JetStream's default acknowledges up to two minutes
earlier. One user per process, each with the subjects it needs and no others; loopback only, over TLS: before a process
tells it anything the server has shown that it is ours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from senim.kit.files import write_durably
from senim.kit.instance import Instance
from senim.kit.secrets import load
from senim.site.embedded import pin
from senim.site.embedded.binaries import nats_server
from senim.site.embedded.place import Runner, engine_home, ensure_engine_home, folder_of, runner, write_for
from senim.telemetry.stream import (
    CONSUMER,
    EMBEDDED_HOST,
    EMBEDDED_TRUST,
    FEED,
    HISTORY,
    PLACES,
    STREAM,
    SUBJECTS,
    StreamSettings,
    inbox,
    no_secret,
    stream_settings,
)

_API = "$JS.API"
RIGHTS: dict[str, dict[str, list[str]]] = {
    # Makes the stream and its consumers at start. It can delete and purge nothing; but what it may set (quota, age,
    # whereto copies go) decides what stays and who reads, so nobody else may, and no serving process knows its secret.
    "keeper": {
        "publish": [f"{_API}.STREAM.{verb}.{STREAM}" for verb in ("INFO", "CREATE", "UPDATE")]
        + [f"{_API}.CONSUMER.CREATE.{STREAM}.{consumer}.>" for consumer in (CONSUMER, FEED, HISTORY, PLACES)],
        "subscribe": [f"{inbox('keeper')}.>"],
    },
    # Publishes frames, reads back the newest one of a source to go on where the stream ends, lets go of older ones on
    # its own behalf, and asks how full the stream is. When it is nearly full, it lets go on behalf of history and event
    # feed, too, of what detection has finished: so it may ask how far all three are.
    "collector": {
        "publish": [SUBJECTS, f"{_API}.DIRECT.GET.{STREAM}.{SUBJECTS}", f"{_API}.CONSUMER.MSG.NEXT.{STREAM}.{PLACES}",
                    f"$JS.ACK.{STREAM}.{PLACES}.>", f"{_API}.STREAM.INFO.{STREAM}",
                    f"{_API}.CONSUMER.INFO.{STREAM}.{CONSUMER}", f"{_API}.CONSUMER.INFO.{STREAM}.{HISTORY}",
                    f"{_API}.CONSUMER.MSG.NEXT.{STREAM}.{HISTORY}", f"$JS.ACK.{STREAM}.{HISTORY}.>",
                    f"{_API}.CONSUMER.INFO.{STREAM}.{FEED}",
                    f"{_API}.CONSUMER.MSG.NEXT.{STREAM}.{FEED}", f"$JS.ACK.{STREAM}.{FEED}.>"],
        "subscribe": [f"{inbox('collector')}.>"],
    },
    # Pulls and acknowledges; can publish nothing that looks like an event.
    "detection": {
        "publish": [f"{_API}.CONSUMER.INFO.{STREAM}.{CONSUMER}", f"{_API}.CONSUMER.MSG.NEXT.{STREAM}.{CONSUMER}",
                    f"$JS.ACK.{STREAM}.{CONSUMER}.>"],
        "subscribe": [f"{inbox('detection')}.>"],
    },
    "feed": {
        "publish": [f"{_API}.CONSUMER.INFO.{STREAM}.{FEED}", f"{_API}.CONSUMER.MSG.NEXT.{STREAM}.{FEED}",
                    f"$JS.ACK.{STREAM}.{FEED}.>"],
        "subscribe": [f"{inbox('feed')}.>"],
    },
    "history": {
        "publish": [f"{_API}.CONSUMER.INFO.{STREAM}.{HISTORY}", f"{_API}.CONSUMER.MSG.NEXT.{STREAM}.{HISTORY}",
                    f"$JS.ACK.{STREAM}.{HISTORY}.>"],
        "subscribe": [f"{inbox('history')}.>"],
    },
}  # fmt: skip
"""User → the subjects it may publish to and hear. The bureau's own server is given the same (ADR 0003)."""


def written(configuration: Mapping[str, object]) -> bytes:
    """`configuration` as the server reads it: JSON in which every letter stands for itself, never for its number."""
    return json.dumps(configuration, indent=1, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Nats:
    """The embedded stream server of one instance."""

    instance: Instance

    @property
    def settings(self) -> StreamSettings:
        """Table `[stream]`."""
        return stream_settings(self.instance)

    @property
    def data(self) -> Path:
        """The stream's folder."""
        return engine_home(self.instance) / "nats"

    @property
    def configuration(self) -> Path:
        """The server's configuration: it holds every user's secret, the server's alone."""
        return engine_home(self.instance) / "nats.conf"

    @property
    def certificate(self) -> Path:
        """What the server shows; processes believe this one and no other."""
        return self.instance.trust(EMBEDDED_TRUST)

    @property
    def ailing(self) -> bytes:
        """What it says in its log from its first write error on, also when there is room again.

        Seen with 2.15.1: the stream's store keeps the error until the server is started anew.
        """
        return b"JetStream failed to store a msg on stream"

    def prepare(self) -> None:
        """Write folder, certificate and configuration. Raises `BadSettings` where a user has no secret."""
        owner = runner()
        ensure_engine_home(self.instance)
        folder_of(owner, self.data)
        self._certify(owner)
        write_for(owner, self.configuration, written(self._configuration()))

    def _certify(self, owner: Runner) -> None:
        """Nobody may run the instance meanwhile: its processes would believe another server than the one that runs."""
        key, certificate = pin.fresh(EMBEDDED_HOST)
        write_for(owner, self._shown("key"), key)
        write_for(owner, self._shown("crt"), certificate)
        write_durably(self.certificate, certificate)

    def _shown(self, kind: str) -> Path:
        return engine_home(self.instance) / f"nats.{kind}"

    def _configuration(self) -> dict[str, object]:
        users = []
        for name, rights in RIGHTS.items():
            stream = load(self.instance, name).stream
            if stream is None:
                raise no_secret(self.instance, name)
            permissions = {way: {"allow": subjects} for way, subjects in rights.items()}
            users.append({"user": stream.user, "password": stream.password, "permissions": permissions})
        return {
            "host": EMBEDDED_HOST,
            "port": self.settings.port,
            "tls": {
                "cert_file": str(self._shown("crt")),
                "key_file": str(self._shown("key")),
                "handshake_first": True,
            },
            "logtime_utc": True,
            "max_payload": 8 * 1024 * 1024,
            "jetstream": {
                "store_dir": str(self.data / "store"),
                "sync_interval": "always",
                "max_file_store": self.settings.quota_megabytes * 1024 * 1024 + 64 * 1024 * 1024,
            },
            "authorization": {"users": users},
        }

    def command(self) -> list[str]:
        """The server's command line."""
        return [str(nats_server(self.instance)), "-c", str(self.configuration)]
