"""Puts messages into the outbox as the process `worker`, with its rights: a program of its own, asked line by line."""

import json
import sys

from django.db import connection, transaction

from senim.asoi.kinds import MessageKind
from senim.asoi.operations import enqueue
from senim.audit.operations import Actor
from senim.kit.ids import new_id

_ACTOR = Actor.process("worker")


def serve() -> None:
    """For each line `INCIDENTS MESSAGES` say as JSON what was queued: so many incidents with so many messages each."""
    for line in sys.stdin:
        incidents, messages = map(int, line.split())
        told = [one for _incident in range(incidents) for one in _tell(messages)]
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        connection.close()  # the next line may come after the database was down


def _tell(messages: int) -> list[dict[str, object]]:
    """One incident, told of by its notice and what follows it; all of it commits together."""
    about, told, former = f"incident:{new_id()}", [], None
    with transaction.atomic():
        for sequence in range(1, messages + 1):
            kind = MessageKind.INCIDENT_NOTICE if former is None else MessageKind.INCIDENT_UPDATE
            body = {"number": f"1999-{sequence:06d}", "target": "chaos-channel"}
            made = enqueue(kind, body, about=about, sequence=sequence, corrects=former, exercise=True, actor=_ACTOR)
            former = made.pk
            told.append({"id": str(made.pk), "about": about, "sequence": sequence})
    return told
