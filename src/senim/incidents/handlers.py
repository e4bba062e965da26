"""What incidents do when they hear news."""

from senim.audit.operations import Actor
from senim.detection import queries as detection
from senim.events.models import Event
from senim.incidents import acts, operations, queries

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


def carry_out(event: Event) -> None:
    """A person decided about an incident: it is done now, or it is said why it cannot be done any more."""
    acts.take_turn(event.payload["act"], actor=WORKER)


def tell_what_waits(event: Event) -> None:
    """A message has arrived, or was handed over or given up: what the incident has gained meanwhile is told next."""
    about = event.payload["about"]
    if about.startswith("incident:"):
        operations.tell_what_waits(about, actor=WORKER)
