"""What incidents do when they hear news."""

from senim.audit.operations import Actor
from senim.detection import queries as detection
from senim.events.models import Event
from senim.incidents import operations, queries

WORKER = Actor.process("worker")


def open_from_alert(event: Event) -> None:
    """An alert was raised: open or join its incident. One that its rule does not grade waits for a person to decide.

    It waits in sight: `queries.waiting_alerts`, on the pages *Now* and *Alerts*.
    """
    alert = detection.alert(event.payload["alert"])
    if alert.kind is not None:
        operations.open_from_alert(alert, actor=WORKER)


def open_from_decision(event: Event) -> None:
    """A person graded an alert: open or join its incident, in the name of that person."""
    decision = queries.decision(event.payload["alert"])
    operations.open_from_alert(decision.alert, decision=decision, actor=decision.decided_by.as_actor())
