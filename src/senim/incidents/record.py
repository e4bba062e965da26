"""An incident as one document: what is known of it, whom it concerns, what the regulator was told, what happened."""

from typing import Any

from senim.asoi import queries as asoi
from senim.incidents import dossier, queries
from senim.incidents.dossier import Happened
from senim.incidents.models import Incident
from senim.kit.clock import iso

_INSIDE = {Happened.NOTE, Happened.TASK_ADDED, Happened.TASK_DONE, Happened.TASK_DROPPED}
"""What people write for each other: it stays in the house."""


def summary(incident: Incident) -> dict[str, Any]:
    """What a list says of one incident: JSON values, moments in UTC."""
    return {
        "id": str(incident.pk),
        "number": incident.number,
        "kind": incident.kind,
        "clause": incident.clause,
        "state": incident.state,
        "target": incident.target,
        "events": incident.event_count,
        "alerts": incident.alert_count,
        "opened_at": iso(incident.opened_at),
        "first_event_at": iso(incident.first_event_at),
        "last_event_at": iso(incident.last_event_at),
        "told": getattr(incident, "told", ""),
        "assignee": getattr(incident, "assignee", ""),
        "assessment": incident.assessment,
        "breach_known_at": iso(incident.breach_known_at) if incident.breach_known_at else None,
        "merged_into": incident.merged_into.number if incident.merged_into else None,
        "split_from": incident.split_from.number if incident.split_from else None,
        "exercise": incident.exercise_id is not None,
    }


def whole(incident: Incident, *, with_notes: bool = True) -> dict[str, Any]:
    """Everything, with its messages and its history, newest first.

    Without notes and tasks where it leaves the house: people wrote them for each other.
    """
    return {
        **summary(incident),
        "parties": [
            {"role": each.role, "name": each.name, "events": each.events, "told_in": each.told_in}
            for each in queries.parties(incident)
        ],
        "messages": [
            {
                "id": str(each.pk),
                "sequence": each.sequence,
                "type": each.body.get("type", "first"),
                "state": each.state,
                "sha256": each.sha256,
                "delivered_at": iso(each.delivered_at) if each.delivered_at else None,
            }
            for each in asoi.messages_about(incident.subject)
        ],
        "history": [
            {"at": iso(each.at), "what": each.what.value, "who": each.who, "name": each.name, "text": each.text}
            for each in dossier.history(incident)
            if with_notes or each.what not in _INSIDE
        ],
    }
