"""The stream and its consumer, made at start by the user `keeper`: on the embedded server and on the bureau's own.

Nothing in the stream is ever thrown away to make room: when it is full it refuses, and the collector waits. Nobody can
delete or purge through the server; frames leave by age alone.
"""

import asyncio
import time

from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NoAnswer
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.kit.process import Process
from senim.telemetry.stream import (
    ACKNOWLEDGE_WITHIN,
    CONSUMER,
    DUPLICATE_WINDOW,
    STREAM,
    SUBJECTS,
    StreamSettings,
    address,
    connect,
)

KEEPER = "keeper"
_PENDING = 64
"""Frames that may be in the workers' hands at once: 32,000 lines."""
_DAY = 24 * 3600


class StreamNotReady(RuntimeError):
    """The stream server does not answer, or will not make the stream as we need it."""


def ensure_stream(instance: Instance, *, seconds: float = 60) -> None:
    """Make the stream and its consumer, or bring them to today's settings; waits for the server up to `seconds`.

    Raises `StreamNotReady` with the server's reason.
    """
    try:
        asyncio.run(asyncio.wait_for(_ensure(instance, time.monotonic() + seconds), seconds + 5))
    except TimeoutError:
        raise StreamNotReady(f"the stream server at {address(instance)} did not answer in {seconds:.0f} s") from None
    except APIError as error:
        raise StreamNotReady(f"the stream server at {address(instance)} refuses: {error.description}") from error


async def _ensure(instance: Instance, deadline: float) -> None:
    client = await connect(Process(KEEPER, instance, secrets.load(instance, KEEPER)))
    try:
        while True:
            try:
                await _make(client.jetstream(), instance.section("stream", StreamSettings))
            except (ServiceUnavailableError, NoRespondersError, NoAnswer):
                # The server listens before JetStream has read its store.
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                return
    finally:
        await client.close()


async def _make(stream: JetStreamContext, settings: StreamSettings) -> None:
    wanted = stream_config(settings)
    try:
        await stream.stream_info(STREAM)
    except NotFoundError:
        await stream.add_stream(wanted)
    else:
        await stream.update_stream(wanted)
    await stream.add_consumer(STREAM, consumer_config())


def stream_config(settings: StreamSettings) -> StreamConfig:
    """What the stream promises."""
    return StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        max_bytes=settings.quota_megabytes * 1024 * 1024,
        max_age=settings.days * _DAY,
        num_replicas=settings.replicas,
        duplicate_window=DUPLICATE_WINDOW,
        allow_direct=True,
        deny_delete=True,
        deny_purge=True,
    )


def consumer_config() -> ConsumerConfig:
    """Who reads the stream: workers that share one place in it, and say of each frame when its work has committed."""
    return ConsumerConfig(
        name=CONSUMER,
        durable_name=CONSUMER,
        filter_subject=SUBJECTS,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACKNOWLEDGE_WITHIN,
        max_ack_pending=_PENDING,
        max_deliver=-1,
    )
