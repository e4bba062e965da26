"""What this room does when it hears news. What leaves the house is a letter first, in the handler's transaction."""

from senim.events.models import Event
from senim.identity import queries as identity
from senim.incidents import queries as incidents
from senim.incidents.models import Incident
from senim.oncall import operations


def wake_for_incident(event: Event) -> None:
    """An incident opened: somebody is woken, whatever its kind."""
    operations.wake_for_incident(incidents.named(event.subject))


def let_rest(event: Event) -> None:
    """Something was done to an incident: one that is closed, withdrawn or merged needs nobody any more."""
    incident = incidents.named(event.subject)
    if incident.state != Incident.State.OPEN:
        operations.over(incident.subject)


def send_test(event: Event) -> None:
    """Somebody wants to see whether pages arrive."""
    operations.send_test(identity.by_id(event.payload["account"]))
