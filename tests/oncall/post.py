"""The stand-ins by which people are reached, as the real program, over TLS on loopback."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

from senim.kit.instance import Instance
from senim.oncall.settings import oncall_settings
from senim.site.certificates import post
from senim.site.layout import CHECKOUT
from stand_ins.post.behaviour import Behaviour, Mode
from stand_ins.post.store import WAYS, Received, Store

PATIENCE = 30.0


@dataclass(frozen=True)
class Post:
    """The running program, its store, and its ports by way."""

    store: Store
    ports: dict[str, int]

    def behave(self, way: str, mode: Mode, **more: object) -> None:
        """Let a way behave so, and wait until it does where that takes a moment."""
        self.store.behave(way, Behaviour(mode, **more))  # type: ignore[arg-type]
        wait_until(lambda: self._listens(way) is (mode is not Mode.DOWN))

    def _listens(self, way: str) -> bool:
        try:
            with create_connection(("127.0.0.1", self.ports[way]), timeout=1):
                return True
        except OSError:
            return False

    def received(self, way: str = "") -> list[Received]:
        """What was handed over to people."""
        return [each for each in self.store.received() if way in {"", each.way}]


def ports_of(instance: Instance) -> dict[str, int]:
    """Where the instance's settings expect each way."""
    known = oncall_settings(instance)
    assert known.mail
    assert known.sms
    assert known.webhook
    return {
        "mail": known.mail.port,
        "sms": urlsplit(known.sms.url).port or 0,
        "webhook": int(known.webhook.hosts[0].partition(":")[2]),
    }


def wait_until(true: object, seconds: float = PATIENCE) -> None:
    """A patient bound, not a measure of speed."""
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise AssertionError("it did not come true")
        time.sleep(0.05)


@contextmanager
def serving(instance: Instance) -> Iterator[Post]:
    """The program, until the test is over."""
    home, ports = post(instance), ports_of(instance)
    wishes = [word for way, port in ports.items() for word in (f"--{way}-port", str(port))]
    command = [sys.executable, "-m", "stand_ins.post", "serve", "--home", str(home), *wishes]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE) as program:
        try:
            found = Post(Store(home), ports)
            wait_until(lambda: all(found._listens(way) for way in WAYS))
            yield found
        finally:
            program.terminate()
            program.communicate()


def empty(home: Path) -> None:
    """Forget what came and how to behave."""
    (home / "post.sqlite3").unlink(missing_ok=True)
    Store(home)
