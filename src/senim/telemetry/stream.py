"""The durable stream: its name, its address, its settings."""

import os

import msgspec

from senim.kit.instance import Instance

URL_VARIABLE = "SENIM_NATS_URL"
STREAM = "EVENTS"
SUBJECTS = "ev.>"
CONSUMER = "detection"


class StreamSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[stream]` of senim.toml."""

    port: int = 4222
    """Where the embedded server listens on loopback."""
    quota_megabytes: int = 2048
    """What the stream may hold; when it is full the collector waits and says so, nothing is thrown away."""
    days: int = 14
    """How long a frame is kept, read or not."""


def address(instance: Instance) -> str:
    """The stream's URL: `SENIM_NATS_URL` (the bureau's own cluster), else the embedded server's."""
    settings = instance.section("stream", StreamSettings)
    return os.environ.get(URL_VARIABLE) or f"nats://127.0.0.1:{settings.port}"
