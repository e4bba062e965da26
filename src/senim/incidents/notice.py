"""What the regulator is told of an incident: the bodies of the first notice and of updates, from the record alone.

Clauses: R228/81-1. The law names no fields; these are our reading of what a recipient needs (basis: choice). Each body
names its JSON Schema, which stands in `schemas/`; a change that a reader could stumble over makes a new version of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from senim.clauses.registry import limb as clause
from senim.detection.models import Alert
from senim.incidents import prose
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Decision, Incident, Party
from senim.kit.clock import iso

NOTICE, UPDATE = "urn:senim:incident-notice:2", "urn:senim:incident-update:2"


class Update(StrEnum):
    """What has happened to an incident since the message before; the stable word `type` of an update."""

    ASSESSED = "assessed"
    """A person said how grave it is and what it touches."""
    CLOSED = "closed"
    DOWNTIME = "downtime"
    EXTENT = "extent"
    """More accounts, targets or actors, or many more events."""
    KIND = "kind"
    """It is of another kind than was told before."""
    MERGED = "merged"
    """It was part of another incident."""
    REINSTATED = "reinstated"
    SPLIT = "split"
    """A part of it is an incident of its own."""
    TOOK_OVER = "took-over"
    """Another incident was part of it."""
    WITHDRAWN = "withdrawn"


def first_notice(incident: Incident, alerts: Sequence[Alert], decision: Decision | None = None) -> dict[str, object]:
    """The body of an `IncidentNotice`: canonical JSON values only, moments in UTC.

    `decision` is a person's, where the rule did not grade the first of `alerts` itself.
    """
    first, origin = alerts[0], incident.split_from
    body = {
        "schema": NOTICE,
        **_standing(incident),
        "graded": {
            "by": "person" if decision or origin else "automatic",
            "rule": first.rule_id,
            "rule_title": first.rule_title,
        },
        "detected_at": iso(min(alert.raised_at for alert in alerts)),
        "opened_at": iso(incident.opened_at),
        "target": incident.target,
        "actor": incident.actor,
        "account": incident.account,
        # R228/81-1(6): the downtime itself, as far as it is known when the notice is written.
        "downtime": [
            {"service": each.outage.service, "started_at": iso(each.started_at), "ended_at": _moment(each.ended_at)}
            for each in incident.downtimes.select_related("outage")
        ],
        # The lines themselves stay with the bureau; their hashes bind it to what it saw.
        "evidence": [
            {"source": line["source"], "epoch": line["epoch"], "seq": line["seq"], "sha256": line["sha256"]}
            for alert in alerts
            for line in alert.evidence
        ],
        "split_from": reference(origin) if origin else None,
    }
    return {**body, "text": prose.notice_in_words(body)}


def update(
    incident: Incident, what: Update, facts: Mapping[str, object], added: Iterable[Party], reason: str
) -> dict[str, object]:
    """The body of an `IncidentUpdate`: what happened, and how the incident stands now.

    `added` are the parties that no message told of before; `reason` is a person's, empty where nobody decided.
    """
    body = {
        "schema": UPDATE,
        "type": what.value,
        **_standing(incident),
        "state": incident.state,
        "added": _by_role(added),
        "by": "person" if reason else "automatic",
        "reason": reason or None,
        "facts": dict(facts),
        "assessment": incident.assessment,
    }
    return {**body, "text": prose.update_in_words(body)}


def reference(incident: Incident) -> dict[str, object]:
    """How one message names another incident."""
    return {"incident": str(incident.pk), "number": incident.number}


def titled(kind: IncidentKind) -> dict[str, object]:
    """A kind by its limb of the law and that limb's title."""
    title = clause(kind.clause).title
    return {"clause": kind.clause, "title": {"kk": title.kk, "ru": title.ru, "en": title.en}}


def _standing(incident: Incident) -> dict[str, object]:
    concerned = Party.objects.filter(incident=incident, events__gt=0)
    return {
        **reference(incident),
        "kind": titled(IncidentKind(incident.kind)),
        "first_event_at": iso(incident.first_event_at),
        "last_event_at": iso(incident.last_event_at),
        "events": incident.event_count,
        "alerts": incident.alert_count,
        "concerned": {f"{role.value}s": concerned.filter(role=role).count() for role in Party.Role},
        "exercise": incident.exercise_id is not None,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def _by_role(parties: Iterable[Party]) -> dict[str, list[dict[str, object]]]:
    told: dict[str, list[dict[str, object]]] = {f"{role.value}s": [] for role in Party.Role}
    for party in parties:
        told[f"{party.role}s"].append({"name": party.name, "since": iso(party.first_at)})
    return told
