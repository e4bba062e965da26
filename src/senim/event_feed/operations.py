"""Taking frames, telling what is missing, putting batches into the outbox: each in one transaction with its place.

Clauses: R228/81-2.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from senim.asoi import operations as asoi
from senim.asoi import queries as asoi_queries
from senim.asoi.kinds import MessageKind
from senim.audit.operations import Actor
from senim.event_feed import batch, spans
from senim.event_feed.batch import Content, Event, Missing
from senim.event_feed.models import Chain, Place, Portion
from senim.event_feed.policy import Picked, Policy
from senim.event_feed.settings import SMALLEST_BATCH, EventFeedSettings
from senim.kit.clock import iso, now
from senim.kit.marker import marker_in
from senim.telemetry import markers, parsers
from senim.telemetry.frames import Frame, Line
from senim.telemetry.parsers import Observed

FEED = Actor.process("feed")


@transaction.atomic
def take(policy: Policy, frames: Sequence[Frame]) -> int:
    """Pick from the lines of `frames` that were never taken before; how many events that gave.

    Killed before the commit nothing was taken and the frames come again; killed behind it their lines are known.
    Raises `telemetry.parsers.UnknownKind`.
    """
    picked: dict[str, list[Event]] = defaultdict(list)
    exercises_may_go = asoi_queries.recipient_is_stand_in()
    for frame in frames:
        understood, epoch = _understood(frame), policy.key.hashed(frame.epoch)
        made = _made_on_purpose(understood)
        for line, seen in understood:
            chosen = policy.pick(frame.kind, seen)
            chain = Chain.Name.EXERCISES if line.seq in made else Chain.Name.EVENTS
            # An exercise reaches a stand-in only; with a real regulator it stays in the house.
            if chosen is not None and (chain is Chain.Name.EVENTS or exercises_may_go):
                picked[chain].append(_event(frame, epoch, line, seen, chosen))
    for name, events in sorted(picked.items()):
        _keep(name, events)
    return sum(map(len, picked.values()))


def _made_on_purpose(understood: Sequence[tuple[Line, Observed]]) -> set[int]:
    """Numbers of the lines that an exercise made: they wear a marker that was declared, or the platform says so itself.

    A marker may stand anywhere in a line; one that nobody declared, or that is over, is a text like any.
    """
    worn = {line.seq: marker_in(f"{seen.text} {seen.fields.get('marker', '')}") for line, seen in understood}
    until = {marker: end.timestamp() for marker, end in markers.declared(set(filter(None, worn.values()))).items()}
    return {
        line.seq
        for line, seen in understood
        if seen.fields.get("exercise") is True or line.read_at <= until.get(worn[line.seq], 0.0)
    }


def _understood(frame: Frame) -> list[tuple[Line, Observed]]:
    """What the new lines of `frame` say; the place behind them is written."""
    place, _ = Place.objects.select_for_update().get_or_create(
        source=frame.source, epoch=frame.epoch, defaults={"read_until": frame.read_until}
    )
    fresh = [line for line in frame.lines if line.seq >= place.next_seq or spans.holds(place.missing, line.seq)]
    if frame.first > place.next_seq:
        jumped = [place.next_seq, frame.first - 1]
        place.missing, place.untold = [*place.missing, jumped], [*place.untold, jumped]
    if frame.lines:
        place.missing = spans.without(place.missing, frame.first, frame.last)
        place.untold = spans.without(place.untold, frame.first, frame.last)
    place.next_seq = max(place.next_seq, frame.last + 1)
    place.read_until = max(place.read_until, frame.read_until)
    understood, place.unfinished = parsers.parse_joined(frame, fresh, bytes(place.unfinished))
    place.save()
    return understood


def _event(frame: Frame, epoch: str, line: Line, seen: Observed, picked: Picked) -> Event:
    return Event(
        number=0,
        at=iso(seen.at),
        source=frame.source,
        epoch=epoch,
        line=line.seq,
        kind=frame.kind,
        action=picked.action,
        fields=dict(picked.fields),
        keyed=dict(picked.keyed),
    )


def _keep(name: str, events: Sequence[Event]) -> None:
    """Number `events` and let them wait for their batch. Numbers are given under the chain's lock: none twice."""
    chain = _locked(name)
    numbered = [batch.numbered(event, chain.events + place) for place, event in enumerate(events, start=1)]
    for begin in range(0, len(numbered), SMALLEST_BATCH):
        some = tuple(numbered[begin : begin + SMALLEST_BATCH])
        told = batch.written(Content(events=some))
        Portion.objects.create(chain=chain, first=some[0].number, last=some[-1].number, told=told)
    chain.events += len(events)
    chain.save(update_fields=["events"])


def _locked(name: str) -> Chain:
    chain, _ = Chain.objects.select_for_update().get_or_create(name=name)
    return chain


@transaction.atomic
def tell_missing(policy: Policy) -> int:
    """Let the next batch say which numbers never came; how many. To be asked while no frame is out."""
    places = list(Place.objects.select_for_update().exclude(untold=[]))
    missing = [
        Missing(place.source, policy.key.hashed(place.epoch), first, last)
        for place in places
        for first, last in place.untold
    ]
    number = sum(spans.size(place.untold) for place in places)
    for place in places:
        place.untold = []
        place.save(update_fields=["untold"])
    if missing:
        chain = _locked(Chain.Name.EVENTS)
        told = batch.written(Content(missing=tuple(missing)))
        Portion.objects.create(chain=chain, first=chain.events + 1, last=chain.events, told=told)
    return number


@transaction.atomic
def put_batches(settings: EventFeedSettings) -> int:
    """Put into the outbox what is due and has room there; how many batches.

    A batch is due when it is full, or when its oldest event has waited for long enough and no batch waits before it.
    """
    return sum(_put_batch(chain, settings) for chain in Chain.objects.select_for_update())


def _put_batch(chain: Chain, settings: EventFeedSettings) -> int:
    waiting = asoi_queries.undelivered_about(chain.name)
    if waiting >= settings.batches_waiting:
        return 0
    together = _together(chain, settings.batch_events)
    if not together:
        return 0
    first, last = together[0].first, together[-1].last
    is_full = last - first + 1 >= settings.batch_events or _has_more(chain, together)
    is_old = together[0].at <= now() - timedelta(seconds=settings.batch_seconds)
    if not is_full and (waiting or not is_old):
        return 0
    chain.batches += 1
    chain.save(update_fields=["batches"])
    asoi.enqueue(
        MessageKind.EVENT_BATCH,
        batch.body(first, last, [batch.read(portion.told) for portion in together]),
        about=chain.name,
        sequence=chain.batches,
        exercise=chain.name == Chain.Name.EXERCISES,
        actor=FEED,
    )
    Portion.objects.filter(pk__in=[portion.pk for portion in together]).delete()
    return 1


def _together(chain: Chain, most: int) -> list[Portion]:
    """The oldest portions that fit into one batch; the first always does."""
    together: list[Portion] = []
    for portion in Portion.objects.filter(chain=chain)[:most]:
        if together and portion.last - together[0].first + 1 > most:
            break
        together.append(portion)
    return together


def _has_more(chain: Chain, together: Sequence[Portion]) -> bool:
    return Portion.objects.filter(chain=chain, pk__gt=together[-1].pk).exists()
