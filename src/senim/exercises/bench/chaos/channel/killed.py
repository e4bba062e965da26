"""`kill -9` of the sender at every step of a delivery: what it leaves, and that the next one finishes it.

The sender is held at the step, killed there, and not started again until both ends were looked at.
"""

from contextlib import ExitStack

from django.utils.translation import gettext as _

from senim.exercises.bench.chaos.channel.hold import Held
from senim.exercises.bench.chaos.channel.outbox import Told
from senim.exercises.bench.chaos.channel.scene import REGULATOR, SENDER, Scene
from senim.exercises.bench.chaos.channel.steps import Found, Step

_ROLE = "senim_asoi"
_FOUND = """
SELECT state, (SELECT count(*) FROM asoi_attempt WHERE message_id = m.id AND ended_at IS NULL),
    EXISTS (SELECT 1 FROM asoi_receipt WHERE message_id = m.id)
FROM asoi_message m WHERE id = %s
"""


def kill_at(scene: Scene, step: Step) -> tuple[list[Told], bool]:
    """Kill the sender at `step` of the first of two messages: what was told, and whether it was killed there.

    Raises `NotMeasured` where the sender never comes to the step.
    """
    scene.misbehave(*step.mode)
    with ExitStack() as held:
        sender = scene.process(SENDER)
        if step.is_frozen:
            held.enter_context(scene.frozen(REGULATOR))
        with scene.frozen(SENDER):
            told = scene.outbox.tell(1, 2)
            message = told[0].id
            hold = held.enter_context(step.hold.of(scene.outbox, message)) if step.hold else None
        if step.is_carried:
            _carry(scene, told)
        there = _("{name} is at the step {step}").format(name=SENDER, step=step.name)
        scene.stage.wait_until(lambda: _is_there(scene, step, message, hold), there)
        with scene.unattended():
            sender.kill()
            scene.stage.killed[SENDER] += 1
            if hold is not None:
                hold.let_go()
            scene.stage.wait_until(lambda: not _speaks(scene), _("the database let go of {name}").format(name=SENDER))
            found = _found(scene, step, message)
    return told, found == step.found


def _carry(scene: Scene, told: list[Told]) -> None:
    """Somebody carries the first message's file to the regulator and brings its receipt back."""
    message = told[0].id
    scene.stage.wait_until(lambda: scene.outbox.states(told[:1]) == {"exported"}, _("messages wait as files"))
    receipt = scene.house.home.parent / f"{message}.p7m"
    scene.receive(scene.outgoing(message), receipt)
    receipt.replace(scene.incoming(message))


def _is_there(scene: Scene, step: Step, message: str, hold: Held | None) -> bool:
    """Whether the sender stands at the step now, as the database's server or the regulator's side says."""
    if hold is not None:
        return hold.is_waited_for
    begun = _row(scene, message)[1] == 1
    if step.is_frozen:
        return begun
    return begun and (scene.has(message) if step.found.at_regulator else scene.misbehave().startswith("well"))


def _found(scene: Scene, step: Step, message: str) -> Found:
    state, begun, has_receipt = _row(scene, message)
    return Found(
        state=state,
        begun=None if step.found.begun is None else begun,
        at_regulator=scene.has(message),
        has_receipt=has_receipt,
        outgoing=scene.outgoing(message).exists(),
        incoming=scene.incoming(message).exists(),
    )


def _row(scene: Scene, message: str) -> tuple[str, int, bool]:
    ((state, begun, has_receipt),) = scene.outbox.asked(_FOUND, message)
    return str(state), int(begun), bool(has_receipt)


def _speaks(scene: Scene) -> bool:
    """Whether a connection of the sender is still there: the server ends what a killed one had begun."""
    return bool(scene.outbox.asked("SELECT 1 FROM pg_stat_activity WHERE usename = %s", _ROLE))
