"""What incidents do when they hear news."""

from senim.audit.operations import Actor
from senim.detection import queries as detection
from senim.events.models import Event
from senim.incidents import operations

WORKER = Actor.process("worker")


def open_from_alert(event: Event) -> None:
    """An alert was raised: open or join its incident. An alert without a kind waits for an analyst."""
    alert = detection.alert(event.payload["alert"])
    if alert.kind is not None:
        operations.open_from_alert(alert, actor=WORKER)
