"""A channel to a regulator in the test's own process."""

from collections.abc import Callable

import pytest

from senim.asoi import operations, queries
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.asoi.settings import asoi_settings
from senim.audit.operations import Actor
from senim.kit.bureau import bureau
from senim.kit.ids import new_id
from senim.kit.instance import Instance
from tests.asoi.regulator import Regulator

TESTER = Actor.process("test")
BODY = {"number": "2026-000001", "target": "web-1", "note": "Қауіпсіздік\u0000", "events": 12}


@pytest.fixture
def regulator(instance: Instance) -> Regulator:
    return Regulator(instance)


@pytest.fixture
def channel(instance: Instance, regulator: Regulator) -> Channel:
    return Channel(Credentials.load(instance), regulator, asoi_settings(instance), bureau(instance))


@pytest.fixture
def enqueue(db: None) -> Callable[..., Message]:
    """Puts a notice into the outbox."""

    def put(about: str = "", sequence: int = 1, **more: object) -> Message:
        about = about or f"incident:{new_id()}"
        return operations.enqueue(
            MessageKind.INCIDENT_NOTICE, BODY, about=about, sequence=sequence, actor=TESTER, **more
        )

    return put


@pytest.fixture
def sealed(enqueue: Callable[..., Message], channel: Channel) -> Message:
    """A message that waits for its first try."""
    message = enqueue()
    channel.seal(message)
    return queries.message(message.pk)


@pytest.fixture
def delivered(sealed: Message, channel: Channel) -> Message:
    """A message with its receipt."""
    channel.deliver(sealed.pk)
    return queries.message(sealed.pk)
