"""No room: for the files of the electronic format, and for the database itself while messages wait in it.

The limit on file size (`RLIMIT_FSIZE`) fails the calls that a full disk fails, with another word (EFBIG for ENOSPC) and
the same way out. What it cannot show: a disk that is full for one table and not for the next.
"""

import time

import psutil
import psycopg
from django.utils.translation import gettext as _

from senim.exercises.bench.chaos.channel.outbox import Told
from senim.exercises.bench.chaos.channel.scene import SENDER, Scene
from senim.exercises.bench.chaos.disk import NO_ROOM, full_disk, no_room_for

_DATABASE = "postgres"
_ROUNDS = 5.0
"""Seconds in which the sender would write a file several times over."""


def without_room_for_files(scene: Scene) -> tuple[list[Told], bool]:
    """The sender can write no byte while nobody answers: nothing counts as exported, and receipts come in all the same.

    A message that became a file before is carried meanwhile: its receipt needs no room on that disk.
    """
    scene.misbehave("down")
    before = scene.outbox.tell(1, 1)
    scene.stage.wait_until(lambda: scene.outbox.states(before) == {"exported"}, _("messages wait as files"))
    sender = scene.process(SENDER)
    with no_room_for(sender):
        told = scene.outbox.tell(2, 2)
        held = _stays_sealed(scene, told, sender)
        receipt = scene.house.home.parent / f"{before[0].id}.p7m"
        scene.receive(scene.outgoing(before[0].id), receipt)
        receipt.replace(scene.incoming(before[0].id))
        taken = scene.stage.comes_true(lambda: scene.outbox.states(before) == {"delivered"})
    written = scene.stage.comes_true(lambda: scene.outbox.states(told) == {"exported"})
    delivered = scene.deliver(told)
    return [*before, *told], held and taken and written and delivered


def _stays_sealed(scene: Scene, told: list[Told], sender: psutil.Process) -> bool:
    """Whether `told` is sealed and stays so, nothing of it lies half written, and `sender` goes on working."""
    scene.stage.wait_until(lambda: scene.outbox.states(told) == {"sealed"}, _("messages are sealed"))
    time.sleep(_ROUNDS)
    lies = {path.name for path in scene.outgoing("any").parent.iterdir()}
    is_clean = not any(one.id in name for one in told for name in lies)
    return scene.outbox.states(told) == {"sealed"} and is_clean and sender.is_running()


def without_room_for_the_database(scene: Scene) -> tuple[list[Told], bool]:
    """Database and sender end while messages wait, and nothing that is started can write a byte until there is room."""
    scene.misbehave("down")
    told = scene.outbox.tell(3, 2)
    scene.stage.wait_until(lambda: scene.outbox.states(told) == {"sealed"}, _("messages are sealed"))
    with full_disk(scene.house.supervisor):
        for name in (SENDER, _DATABASE):
            scene.stage.kill(name)
        time.sleep(_ROUNDS)
        was_down = not _answers(scene)
    # The supervisor's own output had no room either: it says afterwards what the trouble was.
    said = scene.stage.comes_true(lambda: NO_ROOM in scene.house.output.read_bytes())
    scene.stage.wait_until(lambda: _answers(scene), _("the database answers"))
    return told, scene.deliver(told) and was_down and said


def _answers(scene: Scene) -> bool:
    """Whether the database does."""
    try:
        return scene.outbox.asked("SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False
