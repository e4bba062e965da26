"""Putting messages into a house's outbox as its worker does, and asking both ends what became of them."""

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import Any, LiteralString

from senim.asoi.internal.channel import Https
from senim.asoi.settings import asoi_settings
from senim.site.layout import CHECKOUT
from senim.site.supervisor.house import environment
from tests.functional.house import House, wait_until
from tests.functional.roles import signed_in

_ENQUEUE = """
import json, sys, django
django.setup()
from django.db import transaction
from senim.asoi.kinds import MessageKind
from senim.asoi.operations import enqueue
from senim.audit.operations import Actor
from senim.kit.ids import new_id
made = []
for number in range(int(sys.argv[1])):
    with transaction.atomic():
        body = {"number": f"1999-{number:06d}", "target": "web-1"}
        message = enqueue(MessageKind(sys.argv[2]), body, about=f"incident:{new_id()}", sequence=1,
                          exercise=True, actor=Actor.process("worker"))
    made.append(str(message.pk))
print(json.dumps(made))
"""


@dataclass(frozen=True)
class Outbox:
    """The outbox of a running house and its stand-in regulator."""

    house: House

    def enqueue(self, count: int = 1, kind: str = "IncidentNotice") -> list[str]:
        """As the process `worker`, with its rights: the messages' identifiers."""
        command = [sys.executable, "-c", _ENQUEUE, str(count), kind]
        where = environment(self.house.instance, "worker")
        done = subprocess.run(command, env=where, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        made: list[str] = json.loads(done.stdout)
        return made

    def asked(self, question: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What the database answers to the operator's role."""
        with signed_in(self.house, "operator") as connection:
            return connection.execute(question, values).fetchall()

    def state(self, message: str) -> str:
        """Where a message stands."""
        ((state,),) = self.asked("SELECT state FROM asoi_message WHERE id = %s", message)
        return str(state)

    def outcomes(self, message: str) -> list[str]:
        """How its tries ended, in order."""
        question: LiteralString = "SELECT outcome FROM asoi_attempt WHERE message_id = %s ORDER BY started_at, id"
        return [outcome for (outcome,) in self.asked(question, message)]

    def told(self) -> dict[str, dict[str, Any]]:
        """`senim asoi messages`: what the bureau says of each message."""
        listed = self.house.command("asoi", "messages", "--json")
        assert listed.returncode == 0, listed.stderr
        return {one["id"]: one for one in json.loads(listed.stdout)}

    def received(self) -> dict[str, dict[str, Any]]:
        """What the stand-in says of each message."""
        return {one["id"]: one for one in json.loads(self.regulator("list", "--json"))}

    def authority(self, *arguments: str) -> None:
        """A command of the stand-in that gives time-stamps."""
        command, *more = arguments
        called = [sys.executable, "-m", "stand_ins.tsa", command, "--home", str(self.house.home / "stand_ins" / "tsa")]
        subprocess.run([*called, *more], cwd=CHECKOUT, check=True)

    def is_stamped(self, message: str) -> bool:
        """Whether a message has its time-stamp."""
        return bool(self.asked("SELECT 1 FROM asoi_timestamp WHERE message_id = %s", message))

    def regulator(self, *arguments: str) -> str:
        """A command of the stand-in."""
        command, *more = arguments
        home = str(self.house.home / "stand_ins" / "asoi")
        called = [sys.executable, "-m", "stand_ins.asoi", command, "--home", home, *more]
        done = subprocess.run(called, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_for(self, state: str, identifiers: list[str], seconds: float = 120.0) -> None:
        """Wait until all of these messages are in `state`."""
        question: LiteralString = "SELECT count(*) FROM asoi_message WHERE state = %s AND id = ANY(%s::uuid[])"
        count = len(set(identifiers))
        reached = [(count,)]
        wait_until(
            lambda: self.asked(question, state, identifiers) == reached,
            seconds=seconds,
            what=f"{state} for {count} messages",
        )

    def post(self, identifier: str, sealed: bytes) -> bytes:
        """Post sealed bytes straight to the stand-in, with the bureau's certificate."""
        instance = self.house.instance
        settings = asoi_settings(instance)
        with closing(Https(instance, settings, settings.url)) as way:
            return way.send(identifier, sealed)
