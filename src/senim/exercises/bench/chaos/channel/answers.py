"""Whatever the regulator answers: what is not the agreed receipt is refused by name, and tried until it is.

Also a regulator whose clock is wrong: what can be true within five minutes is taken, what cannot is refused, by the
regulator where its clock is behind, by us where it is ahead.
"""

from dataclasses import dataclass
from functools import partial
from typing import LiteralString

from django.utils.translation import gettext as _

from senim.exercises.bench.chaos.channel.outbox import Told
from senim.exercises.bench.chaos.channel.scene import Scene

_TRIED: LiteralString = """
SELECT count(*) FROM asoi_attempt WHERE message_id = ANY(%s::uuid[]) AND outcome NOT IN ('', 'delivered')
"""
_INCIDENTS, _MESSAGES = 2, 3


@dataclass(frozen=True)
class Answer:
    """One way to answer, and how tries end by it."""

    mode: str
    ends: frozenset[str]
    """How every try in vain ends; empty: none is in vain."""
    more: tuple[str, ...] = ()
    name: str = ""
    is_slow: bool = False
    """Whether an answer is waited for in vain."""
    is_kept: bool = False
    """Whether the regulator has the message all the same, so that it comes there once more."""


def _answer(
    mode: str, end: str = "", *more: str, name: str = "", is_slow: bool = False, is_kept: bool = False
) -> Answer:
    return Answer(mode, frozenset({end} - {""}), more, name or mode, is_slow, is_kept)


_WITHIN, _BEYOND, _JUST_BEYOND = "240", "600", "312"
"""Seconds by which a clock is wrong. We grant five minutes; what is just beyond becomes true while we wait."""
_FALSE_TIME = "asoi:receipt-out-of-time"
ANSWERS = (
    _answer("twice"),
    _answer("cut-before", "unreachable"),
    _answer("cut-after", "unreachable", is_kept=True),
    _answer("half", "unreachable", is_kept=True),
    _answer("garbage", "asoi:receipt-unreadable", is_kept=True),
    _answer("wrong-signature", "asoi:receipt-of-stranger", is_kept=True),
    _answer("wrong-hash", "asoi:receipt-for-another", is_kept=True),
    _answer("wrong-id", "asoi:receipt-for-another", is_kept=True),
    _answer("another-receipt", "asoi:receipt-for-another", is_kept=True),
    _answer("new-schema", "asoi:receipt-not-as-agreed", is_kept=True),
    _answer("error", "refused"),
    _answer("disk-full", "refused"),
    _answer("clock-ahead", "", "--delay", _WITHIN, name="clock-ahead-within"),
    _answer("clock-behind", "", "--delay", _WITHIN, name="clock-behind-within"),
    _answer("clock-ahead", _FALSE_TIME, "--delay", _JUST_BEYOND, name="clock-ahead-beyond", is_kept=True),
    _answer("clock-behind", "refused", "--delay", _BEYOND, name="clock-behind-beyond"),
    _answer("silent", "timed-out", is_slow=True),
    _answer("late", "timed-out", "--delay", "6", is_slow=True, is_kept=True),
)


def answer(scene: Scene, wanted: Answer) -> tuple[list[Told], bool]:
    """Let the regulator answer so until it was tried in vain, then well: what was told, and whether it happened so."""
    scene.misbehave(wanted.mode, *wanted.more)
    told = scene.outbox.tell(_INCIDENTS, _MESSAGES)
    mine = [one.id for one in told]
    if wanted.ends:
        happened = scene.stage.comes_true(lambda: scene.outbox.asked(_TRIED, mine)[0][0] > 1)
    else:
        happened = scene.stage.comes_true(lambda: scene.outbox.states(told) == {"delivered"})
    happened = scene.deliver(told) and happened
    again = sum(one["delivered_again"] for one in scene.received() if one["id"] in mine)
    return told, happened and (again > 0 or not wanted.is_kept)


_ORDER: LiteralString = """
SELECT array_agg(sequence ORDER BY delivered_at), bool_and(came_by = 'file')
FROM asoi_message m JOIN asoi_receipt r ON r.message_id = m.id WHERE m.id = ANY(%s::uuid[])
"""


def _is_delivered(scene: Scene, one: Told) -> bool:
    return scene.outbox.states([one]) == {"delivered"}


def reversed_receipts(scene: Scene) -> tuple[list[Told], bool]:
    """Files are carried in their order while nobody answers, and their receipts come back the other way round."""
    scene.misbehave("down")
    told = scene.outbox.tell(1, _MESSAGES)
    scene.stage.wait_until(lambda: scene.outbox.states(told) == {"exported"}, _("messages wait as files"))
    receipts = [scene.house.home.parent / f"{one.id}.p7m" for one in told]
    for one, receipt in zip(told, receipts, strict=True):
        scene.receive(scene.outgoing(one.id), receipt)
    for one, receipt in reversed(list(zip(told, receipts, strict=True))):
        receipt.replace(scene.incoming(one.id))
        scene.stage.wait_until(partial(_is_delivered, scene, one), _("a receipt is taken in"))
    ((order, by_file),) = scene.outbox.asked(_ORDER, [one.id for one in told])
    is_tidy = scene.stage.comes_true(lambda: not any(scene.outgoing(one.id).exists() for one in told))
    return told, order == [3, 2, 1] and by_file and is_tidy
