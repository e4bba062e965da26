"""The stream and its consumer, made at start by the user `keeper`: on the embedded server and on the bureau's own.

A frame stays until every consumer has acknowledged it and leaves then, so that the stream holds what is still to be
done and no more (interest retention). Nothing is thrown away to make room and nothing by age: when the stream is full
it refuses, and the collector waits. Nobody can delete or purge; but who may set the stream up (`keeper`) could set it
up to lose frames, so that user acts at start alone.
"""

import asyncio
import time

from django.utils.translation import gettext as _
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
    FEED,
    HISTORY,
    PLACES,
    STREAM,
    SUBJECTS,
    StreamSettings,
    address,
    connect,
    stream_settings,
)

KEEPER = "keeper"
_PENDING = 64
"""Frames that may be in the workers' hands at once: 32,000 lines."""
_IN_BASKET = 1000
"""Frames that the history may hold for one commit, from all sources together."""


class StreamNotReady(RuntimeError):
    """The stream server does not answer, or will not make the stream as we need it."""


def ensure_stream(instance: Instance, *, seconds: float = 60) -> None:
    """Make the stream and its consumer, or bring them to today's settings; waits for the server up to `seconds`.

    Raises `StreamNotReady` with the server's reason.
    """
    try:
        asyncio.run(asyncio.wait_for(_ensure(instance, time.monotonic() + seconds), seconds + 5))
    except TimeoutError:
        silent = _("the stream server at {address} did not answer in {seconds:.0f} s")
        raise StreamNotReady(silent.format(address=address(instance), seconds=seconds)) from None
    except APIError as error:
        refuses = _("the stream server at {address} refuses: {reason}")
        raise StreamNotReady(refuses.format(address=address(instance), reason=error.description)) from error


async def _ensure(instance: Instance, deadline: float) -> None:
    client = await connect(Process(KEEPER, instance, secrets.load(instance, KEEPER)))
    try:
        while True:
            try:
                await _make(client.jetstream(), stream_settings(instance))
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
    # Before anybody publishes, and before new settings hold: a frame in which no consumer is interested is not kept.
    for consumer in CONSUMERS:
        await stream.add_consumer(STREAM, consumer)
    await stream.update_stream(wanted)


def stream_config(settings: StreamSettings) -> StreamConfig:
    """What the stream promises."""
    return StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        storage=StorageType.FILE,
        retention=RetentionPolicy.INTEREST,
        discard=DiscardPolicy.NEW,
        max_bytes=settings.quota_megabytes * 1024 * 1024,
        num_replicas=settings.replicas,
        duplicate_window=DUPLICATE_WINDOW,
        allow_direct=True,
        deny_delete=True,
        deny_purge=True,
    )


CONSUMERS = (
    # Workers that share one place in the stream, and say of each frame when its work has committed.
    ConsumerConfig(
        name=CONSUMER,
        durable_name=CONSUMER,
        filter_subject=SUBJECTS,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACKNOWLEDGE_WITHIN,
        max_ack_pending=_PENDING,
        max_deliver=-1,
    ),
    # The history, one process, which says of each frame when its lines are on disk.
    ConsumerConfig(
        name=HISTORY,
        durable_name=HISTORY,
        filter_subject=SUBJECTS,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACKNOWLEDGE_WITHIN,
        max_ack_pending=_IN_BASKET,
        max_deliver=-1,
    ),
    # The event feed, one process, which says of each frame when what it picked has committed.
    ConsumerConfig(
        name=FEED,
        durable_name=FEED,
        filter_subject=SUBJECTS,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACKNOWLEDGE_WITHIN,
        max_ack_pending=_PENDING,
        max_deliver=-1,
    ),
    # The collector, which lets go of a frame once its source has a newer one: the newest one says where it stands.
    ConsumerConfig(
        name=PLACES,
        durable_name=PLACES,
        filter_subject=SUBJECTS,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACKNOWLEDGE_WITHIN,
        max_ack_pending=-1,
        max_deliver=-1,
        headers_only=True,
    ),
)
"""Who must have acknowledged a frame before it leaves. A further reader is a further entry, and rights in `nats`."""
