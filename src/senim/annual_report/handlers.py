"""What this room does when it hears news."""

from django.conf import settings

from senim.annual_report import operations
from senim.audit.operations import Actor
from senim.events.models import Event

WORKER = Actor.process("worker")


def tell(event: Event) -> None:
    """It was filed: the regulator is told of it, if it still comes out as it was shown."""
    operations.tell(settings.SENIM_INSTANCE, event.payload["filing"], actor=WORKER)
