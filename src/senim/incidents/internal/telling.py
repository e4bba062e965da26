"""Telling the regulator of an incident: the first notice, and updates as things change.

R228/81-1 says immediately and counts no messages. What follows is our choice (`decisions/0013`): what a person decides
is told at once, each act by a message of its own. A new victim (account, target) is told at once as well; further
actors one by one while there are few of them, then at each doubling; events at each tenfold. While a message about the
incident is on the way, what would be told next gathers and goes out together as soon as that one has arrived: nothing
could arrive sooner, because messages about one thing go in their order. Every update tells of all who were not told of.
"""

from collections.abc import Mapping, Sequence

from django.db.models import Count, Q, QuerySet

from senim.asoi import operations as asoi
from senim.asoi import queries as asoi_queries
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.audit.operations import Actor
from senim.detection.models import Alert
from senim.incidents import notice
from senim.incidents.internal import parties
from senim.incidents.models import Decision, Incident, Party
from senim.incidents.notice import Update

FEW_ACTORS = 8
"""Actors that are told of one by one."""
TIMES_ACTORS, TIMES_EVENTS = 2, 10
"""Further actors, and events, are news once there are so many times as many as told before."""
MOST_NAMES = 1000
"""Parties told of in one message; the others follow in the next one."""
_FIRST = 1


def tell_first(incident: Incident, alerts: Sequence[Alert], decision: Decision | None, actor: Actor) -> Message:
    """Queue the first notice of `incident`, which `alerts` opened."""
    # R228/81-1: Immediately. The message is queued in the transaction that opens the incident; nobody need press send.
    message = asoi.enqueue(
        MessageKind.INCIDENT_NOTICE,
        notice.first_notice(incident, alerts, decision),
        about=incident.subject,
        sequence=_FIRST,
        exercise=incident.exercise_id is not None,
        actor=actor,
    )
    named = (
        (Party.Role.ACCOUNT, incident.account),
        (Party.Role.ACTOR, incident.actor),
        (Party.Role.TARGET, incident.target),
    )
    told = [Party.objects.filter(incident=incident, role=role, name=name) for role, name in named]
    parties.note_told([party for found in told for party in found], message)
    return message


def tell(
    incident: Incident, what: Update, actor: Actor, *, facts: Mapping[str, object] | None = None, reason: str = ""
) -> Message:
    """Queue an update of `incident` now: `what` happened, and who was not told of before.

    It names the message before it.
    """
    before = asoi_queries.latest_about(incident.subject)
    added = list(_untold(incident)[:MOST_NAMES])
    # R228/81-1: what was told is told again as it is now, by a further message; no message is ever changed.
    message = asoi.enqueue(
        MessageKind.INCIDENT_UPDATE,
        notice.update(incident, what, facts or {}, added, reason),
        about=incident.subject,
        sequence=before.sequence + 1,
        corrects=before.pk,
        exercise=incident.exercise_id is not None,
        actor=actor,
    )
    parties.note_told(added, message)
    return message


def tell_extent_if_due(incident: Incident, actor: Actor) -> Message | None:
    """Queue an update of how far the attack goes, if that is news now and nothing about it is on the way."""
    before = asoi_queries.latest_about(incident.subject)
    if before.state in asoi_queries.UNDER_WAY or not _is_news(incident, before):
        return None
    return tell(incident, Update.EXTENT, actor)


def _untold(incident: Incident) -> QuerySet[Party]:
    return Party.objects.filter(incident=incident, told_in=None, events__gt=0)


def _is_news(incident: Incident, before: Message) -> bool:
    if incident.event_count >= TIMES_EVENTS * before.body["events"]:
        return True
    untold, actor = Q(told_in=None, events__gt=0), Q(role=Party.Role.ACTOR)
    counts = Party.objects.filter(incident=incident).aggregate(
        victims=Count("pk", filter=untold & ~actor),
        actors=Count("pk", filter=actor),
        untold=Count("pk", filter=untold & actor),
    )
    if counts["victims"] or not counts["untold"]:
        return bool(counts["victims"])
    known = counts["actors"] - counts["untold"]
    return bool(counts["actors"] <= FEW_ACTORS or counts["actors"] >= TIMES_ACTORS * known)
