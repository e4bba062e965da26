"""Whether every batch of events has come: up to which event number everything is here, and which numbers are missing.

Batches of one chain (sender and `about`) are numbered from 1, and so are their events: the first event of each batch
follows the last of the one before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stand_ins.asoi.message import Message

Span = tuple[int, int]
_KIND = "EventBatch"


@dataclass(frozen=True)
class Chain:
    """What has come of one chain."""

    sender_bin: str
    about: str
    exercise: bool
    batches: int
    events: int
    complete_up_to: int
    """Up to this number every event is here; 0 where the first is missing."""
    missing_events: tuple[Span, ...]
    """Numbers of events that stand in no batch, though a later one does."""
    missing_batches: tuple[Span, ...]
    lost_lines: int
    """Lines that the bureau itself says it never had."""
    wrong: tuple[int, ...]
    """Numbers of batches whose body contradicts itself."""

    @property
    def is_whole(self) -> bool:
        """Whether everything is here that the numbers speak of."""
        return not (self.missing_events or self.missing_batches or self.wrong)


def chains(messages: Iterable[Message]) -> list[Chain]:
    """Every chain among `messages`."""
    found: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        if message.kind == _KIND:
            found[message.sender_bin, message.about].append(message)
    return [_chain(sender, about, come) for (sender, about), come in sorted(found.items())]


def _chain(sender: str, about: str, come: list[Message]) -> Chain:
    numbers = sorted(_numbers(come))
    missing = tuple(_holes(numbers))
    return Chain(
        sender_bin=sender,
        about=about,
        exercise=any(message.exercise for message in come),
        batches=len(come),
        events=len(numbers),
        complete_up_to=missing[0][0] - 1 if missing else max(numbers, default=0),
        missing_events=missing,
        missing_batches=tuple(_holes(sorted(message.sequence for message in come))),
        lost_lines=sum(map(_lost, come)),
        wrong=tuple(sorted(message.sequence for message in come if not _agrees(message))),
    )


def _numbers(come: Iterable[Message]) -> Iterator[int]:
    for message in come:
        yield from (event["number"] for event in message.body.get("events", []))


def _lost(message: Message) -> int:
    return sum(lost["last"] - lost["first"] + 1 for lost in message.body.get("missing", []))


def _agrees(message: Message) -> bool:
    """Whether a batch holds the events from its `first` to its `last`, each once and in order."""
    body = message.body
    held = [event["number"] for event in body.get("events", [])]
    return held == list(range(body.get("first", 1), body.get("last", 0) + 1))


def _holes(numbers: Iterable[int]) -> Iterator[Span]:
    """What is missing of 1, 2, 3 … up to the greatest of `numbers`, which are sorted."""
    expected = 1
    for number in numbers:
        if number > expected:
            yield expected, number - 1
        expected = max(expected, number + 1)
