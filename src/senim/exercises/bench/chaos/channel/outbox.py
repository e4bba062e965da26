"""The outbox of the bench's house, from outside: what is told, and what the database says of it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, LiteralString

import msgspec
import psycopg
from django.utils.translation import gettext as _

from senim.exercises.bench.house import House
from senim.exercises.errors import NotMeasured

Connection = psycopg.Connection[tuple[object, ...]]
Connect = Callable[[Path], Connection]
"""A connection of the superuser to the database of the house in a folder, each statement its own transaction."""
_PROGRAM = "import django; django.setup(); from senim.exercises.bench.chaos.channel.teller import serve; serve()"


class Told(msgspec.Struct, frozen=True):
    """A message that was put into the outbox."""

    id: str
    about: str
    sequence: int


class Outbox:
    """Tells as the worker; asks as the database's superuser, who changes nothing of what the house keeps."""

    def __init__(self, house: House, connect: Connect, orders: IO[str], answers: IO[str]) -> None:
        self._house, self._connect = house, connect
        self._orders, self._answers = orders, answers

    def tell(self, incidents: int, messages: int) -> list[Told]:
        """So many incidents with so many messages each. Raises `NotMeasured`."""
        self._orders.write(f"{incidents} {messages}\n")
        self._orders.flush()
        if not (line := self._answers.readline()):
            raise NotMeasured(_("no message could be put into the outbox"))
        return msgspec.convert(json.loads(line), list[Told])

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection of the superuser."""
        with self._connect(self._house.home) as connection:
            yield connection

    def asked(self, question: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What the database answers. Raises `psycopg.OperationalError` while it is away."""
        with self.connected() as connection:
            return connection.execute(question, values).fetchall()

    def states(self, told: list[Told]) -> set[str]:
        """In which states these messages are."""
        question: LiteralString = "SELECT DISTINCT state FROM asoi_message WHERE id = ANY(%s::uuid[])"
        return {str(state) for (state,) in self.asked(question, [one.id for one in told])}


@contextmanager
def opened(house: House, connect: Connect) -> Iterator[Outbox]:
    """The outbox of `house`; the program that tells ends with the block."""
    who = {"SENIM_PROCESS": "worker", "DJANGO_SETTINGS_MODULE": "senim.site.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        env={**house.environment, **who},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as teller:
        if teller.stdin is None or teller.stdout is None:
            raise NotMeasured(_("no message could be put into the outbox"))
        try:
            yield Outbox(house, connect, teller.stdin, teller.stdout)
        finally:
            teller.kill()
