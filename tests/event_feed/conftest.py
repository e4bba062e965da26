"""The channel to a regulator in the test's own process, as the channel's own tests have it."""

from tests.asoi.conftest import channel, enqueue, regulator

__all__ = ["channel", "enqueue", "regulator"]
