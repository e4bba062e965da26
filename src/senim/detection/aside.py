"""Messages of the stream that detection could not take: kept whole, reported, tried again at every start.

Nothing that was collected is lost to analysis for good: what a newer collector wrote, or what detection failed on, has
its effect once a release runs that can take it.

Clauses: R228/81-2 (events are analysed).
"""

import hashlib
from uuid import UUID

from django.db import transaction

from senim.detection import operations, queries
from senim.detection.internal.engine import Engine
from senim.detection.internal.memory import Rows
from senim.detection.models import SetAside, TakenUp
from senim.events.operations import emit
from senim.events.vocabulary.detection import DetectionEvent
from senim.telemetry.frames import decode


@transaction.atomic
def keep(data: bytes, *, subject: str, stream_seq: int, reason: str) -> None:
    """Keep the message `data`. It is news where nothing else waits for the same reason."""
    is_known = queries.set_aside().filter(reason=reason).exists()
    row, is_new = SetAside.objects.get_or_create(
        stream_seq=stream_seq,
        sha256=hashlib.sha256(data).hexdigest(),
        defaults={"subject": subject[:255], "reason": reason, "size": len(data), "data": data},
    )
    if is_new and not is_known:
        facts = {"stream_seq": stream_seq, "subject": row.subject, "reason": reason, "sha256": row.sha256}
        emit(DetectionEvent.FRAME_SET_ASIDE, f"frame:{stream_seq}", facts)


def untaken() -> list[UUID]:
    """What waits, in the order in which it came."""
    return list(queries.set_aside().order_by("at", "id").values_list("pk", flat=True))


def try_again(pk: UUID, engine: Engine, memory: Rows) -> None:
    """Let what was set aside as `pk` have its effect after all; the ledger sees to it that no line counts twice.

    Raises whatever makes it impossible still: `BadFrame`, `UnknownKind`, or what detection itself fails with.
    """
    row = SetAside.objects.get(pk=pk)
    operations.observe(engine, decode(bytes(row.data)), memory=memory)
    TakenUp.objects.create(set_aside=row)
