"""What was acknowledged is there after the worst ends."""

import contextlib
import resource
import signal
import threading
import uuid

import pytest

from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.clock import now
from stand_ins.asoi.store import Store
from tests.stand_ins.bureau import Bureau, identifier, message
from tests.stand_ins.conftest import StandIn


# `SSLContext.wrap_socket` leaves its socket to the garbage collector where the peer died before the handshake began.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
def test_killed_while_it_receives_it_loses_nothing_acknowledged(own_stand_in: StandIn) -> None:
    own_stand_in.start()
    bureau, receipts = own_stand_in.bureau, dict[str, bytes]()
    sealed = {identifier(content): bureau.seal(content) for content in (message() for _ in range(30))}
    threads = [threading.Thread(target=_deliver, args=(bureau, part, receipts)) for part in _thirds(sealed)]
    for round_ in range(3):
        if round_ == 0:
            for thread in threads:
                thread.start()
        _wait_for(receipts, 8 * (round_ + 1))
        own_stand_in.end(signal.SIGKILL)
        own_stand_in.start()
    for thread in threads:
        thread.join()
    assert receipts.keys() == sealed.keys()
    for name, envelope in sealed.items():
        assert bureau.post(envelope).body == receipts[name], "the receipt of before is the receipt of now"
    assert len(list(_kept(own_stand_in))) == len(sealed)


def _thirds(sealed: dict[str, bytes]) -> list[dict[str, bytes]]:
    return [dict(list(sealed.items())[start::3]) for start in range(3)]


def _deliver(bureau: Bureau, sealed: dict[str, bytes], receipts: dict[str, bytes]) -> None:
    """Deliver each until it has its receipt, as a sender does whose peer comes and goes."""
    for name, envelope in sealed.items():
        while name not in receipts:
            with contextlib.suppress(OSError, IndexError, ValueError, KeyError):
                answer = bureau.post(envelope)
                if answer.status == 200 and len(answer.body) == answer.length:
                    receipts[name] = answer.body


def _wait_for(receipts: dict[str, bytes], count: int) -> None:
    enough = threading.Event()
    while len(receipts) < count:
        enough.wait(0.01)


def _kept(stand_in: StandIn) -> list[uuid.UUID]:
    store = Store(stand_in.home)
    with contextlib.closing(store):
        return [one.message.id for one in store.all()]


def test_a_disk_that_is_truly_full_is_said_and_survived(own_stand_in: StandIn) -> None:
    """No file of the process may grow past 256 KB: the kernel itself refuses, at whichever file is first."""
    limit = 256 * 1024
    own_stand_in.start()
    assert own_stand_in.process is not None
    resource.prlimit(own_stand_in.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    bureau, accepted = own_stand_in.bureau, []
    padding = {"padding": "x" * 40_000}
    for content in (message(body=padding) for _ in range(20)):
        answer = bureau.deliver(content)
        if answer.status != 200:
            break
        accepted.append(uuid.UUID(identifier(content)))
    assert answer.status == 507
    assert answer.body.startswith(b"cannot be kept: ")
    own_stand_in.end(signal.SIGKILL)
    assert _kept(own_stand_in) == accepted, "what was acknowledged, and nothing else"
    own_stand_in.start()
    assert bureau.deliver(content).status == 200


def test_a_behaviour_outlives_a_restart_but_down_does_not(own_stand_in: StandIn) -> None:
    for mode, after in ((Mode.ERROR, Mode.ERROR), (Mode.DOWN, Mode.WELL)):
        with contextlib.closing(Store(own_stand_in.home)) as store:
            store.behave(Behaviour(mode))
            own_stand_in.start()
            assert store.behaviour(now()).mode is after
            assert own_stand_in.end() == 0
