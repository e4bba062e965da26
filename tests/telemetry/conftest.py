"""What tests of telemetry share: a running stream server."""

from collections.abc import Iterator

import pytest

from senim.kit.instance import Instance, Profile
from senim.site.embedded import place
from senim.site.embedded.nats import Nats
from senim.site.embedded.stream import ensure_stream
from senim.site.founding import found
from senim.site.supervisor.house import nats_child
from senim.telemetry import stream
from tests.ports import free_port
from tests.registers.conftest import owner

__all__ = ["owner"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with a running stream server on a port of its own."""
    folder = tmp_path_factory.mktemp("stream") / "var"
    instance = found(folder, Profile.DEMONSTRATION)
    text = (folder / "senim.toml").read_text()
    port = instance.section("stream", stream.StreamSettings).port
    (folder / "senim.toml").write_text(text.replace(f"[stream]\nport = {port}", f"[stream]\nport = {free_port()}"))
    instance = Instance.load(folder)
    server = Nats(instance)
    server.prepare()
    child = nats_child(instance, server)
    child.start()
    try:
        child.wait_ready(30)
        ensure_stream(instance)
        yield instance
    finally:
        child.stop()
        place.forget(instance)
