"""What the regulator is told of an incident: the body of the first notice, from the record alone.

Clauses: R228/81-1. The law names no fields; these are our reading of what a recipient needs (basis: choice).
"""

from datetime import datetime

from senim.clauses.registry import limb as clause
from senim.detection.models import Alert
from senim.incidents.models import Decision, Incident
from senim.kit.clock import iso


def first_notice(incident: Incident, alert: Alert, decision: Decision | None = None) -> dict[str, object]:
    """The body of an `IncidentNotice`: canonical JSON values only, moments in UTC.

    `decision` is a person's, where the rule did not grade `alert` itself.
    """
    limb = clause(incident.clause)
    return {
        "incident": str(incident.pk),
        "number": incident.number,
        "kind": {"clause": incident.clause, "title": {"kk": limb.title.kk, "ru": limb.title.ru, "en": limb.title.en}},
        "graded": {
            "by": "person" if decision else "automatic",
            "rule": alert.rule_id,
            "rule_title": alert.rule_title,
        },
        "first_event_at": iso(incident.first_event_at),
        "last_event_at": iso(incident.last_event_at),
        "detected_at": iso(alert.raised_at),
        "opened_at": iso(incident.opened_at),
        "target": incident.target,
        "actor": incident.actor,
        "account": incident.account,
        "events": incident.event_count,
        # R228/81-1(6): the downtime itself, as far as it is known when the notice is written.
        "downtime": [
            {"service": each.outage.service, "started_at": iso(each.started_at), "ended_at": _moment(each.ended_at)}
            for each in incident.downtimes.select_related("outage")
        ],
        # The lines themselves stay with the bureau; their hashes bind it to what it saw.
        "evidence": [
            {"source": line["source"], "epoch": line["epoch"], "seq": line["seq"], "sha256": line["sha256"]}
            for line in alert.evidence
        ],
        "exercise": incident.exercise_id is not None,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
