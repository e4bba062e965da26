"""Frames for tests of the feed, and the policy they are picked by."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import senim.event_feed
from senim.asoi.models import Message
from senim.event_feed.disclosure import Key
from senim.event_feed.models import Chain
from senim.event_feed.policy import Policy
from senim.event_feed.settings import Chosen, EventFeedSettings
from senim.kit.clock import now
from senim.telemetry.frames import Frame, Line

FAILED = "Failed password for {user} from {address} port 50122 ssh2"
SSHD = Chosen("sshd", ("password-failed",), ("host", "src_ip"), ("user",))
SCHEMA = json.loads((Path(senim.event_feed.__file__).parent / "schemas/event-batch-1.json").read_text())
AT_ONCE = EventFeedSettings(batch_seconds=0)


def policy(*chosen: Chosen) -> Policy:
    """A policy that picks `chosen`, else failed passwords."""
    return Policy(chosen or (SSHD,), Key("a key of nobody, for tests alone"))


def frame(first: int, users: Iterable[str], *, source: str = "sshd", epoch: str = "e1") -> Frame:
    """A frame of failed passwords, one for each of `users`."""
    read_at = now().timestamp()
    lines = [
        Line(seq, read_at, FAILED.format(user=user, address="203.0.113.24").encode())
        for seq, user in enumerate(users, start=first)
    ]
    return Frame(source, "sshd", "gate-1", epoch, tuple(lines))


def sign_of_life(following: int, at: datetime, *, source: str = "sshd", epoch: str = "e1") -> Frame:
    """A frame without lines: the next one will have the number `following`."""
    return Frame(source, "sshd", "gate-1", epoch, (), next=following, at=at.astimezone(UTC).timestamp())


def batches(chain: Chain.Name = Chain.Name.EVENTS) -> list[dict[str, Any]]:
    """The bodies at the outbox, in their sequence."""
    return [message.body for message in Message.objects.filter(about=chain).order_by("sequence")]


def numbers(chain: Chain.Name = Chain.Name.EVENTS) -> list[int]:
    """The numbers of all events at the outbox."""
    return [event["number"] for body in batches(chain) for event in body["events"]]
