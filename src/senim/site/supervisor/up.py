"""Starting, watching and stopping the house."""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import django
import psycopg
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.kit.problems import Problem
from senim.site.certificates import certify_demonstration, is_renewal_due
from senim.site.database import schema
from senim.site.database.connections import URL_VARIABLE, administrator, server
from senim.site.embedded.nats import Nats
from senim.site.embedded.postgres import Postgres
from senim.site.embedded.stream import StreamNotReady, ensure_stream
from senim.site.processes import PROGRAMS
from senim.site.startup import Refused, raise_if_unfit
from senim.site.supervisor import house
from senim.site.supervisor.child import Child, WillNotStart, sweep
from senim.telemetry.stream import URL_VARIABLE as STREAM_URL_VARIABLE

Say = Callable[[str], None]
BETWEEN_ROUNDS = 0.2
"""Seconds between two rounds of watching."""


class AlreadyRunning(Problem):
    """Another supervisor runs this instance."""

    code = "site:already-running"
    status = 409
    title = gettext_lazy("This instance is being run already")
    remedy = gettext_lazy("Stop that one first")


class Supervisor:
    """Runs one instance from start to stop."""

    def __init__(self, instance: Instance, say: Say) -> None:
        self.instance = instance
        self.say = say
        self.children: list[Child] = []
        self._stop = False
        self._troubles: dict[str, str] = {}
        self._lock: int | None = None

    def start(self) -> None:
        """Start everything, each when what it needs serves.

        Raises `Refused`, `AlreadyRunning`, `NoPort` naming the setting, or `WillNotStart` naming the child and the last
        it said; what had started is stopped.
        """
        self._take_lock()
        try:
            for told in sweep(self.instance):
                self.say(told)
            self._renew_certificates()
            raise_if_unfit(self.instance)
            self._start_engines()
            self._prepare_database()
            self._start_programs()
        except BaseException:
            self.stop()
            raise

    def _renew_certificates(self) -> None:
        """A demonstration started again after months still works; in production people renew certificates."""
        if self.instance.is_demonstration and is_renewal_due(self.instance, now()):
            certify_demonstration(self.instance)
            self.say(_("the demonstration's certificates were about to end and were issued anew"))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make sure that nobody runs this instance meanwhile. Raises `AlreadyRunning`."""
        self._take_lock()
        try:
            yield
        finally:
            self._drop_lock()

    def _take_lock(self) -> None:
        path = self.instance.home / "run" / "supervisor.lock"
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(str(self.instance.home)) from None

    def _start_engines(self) -> None:
        started = []
        if not os.environ.get(URL_VARIABLE):
            postgres = Postgres(self.instance)
            postgres.prepare()
            started.append(self._started(house.postgres_child(self.instance, postgres)))
        if not os.environ.get(STREAM_URL_VARIABLE):
            nats = Nats(self.instance)
            nats.prepare()
            started.append(self._started(house.nats_child(self.instance, nats)))
        for child in started:
            child.wait_ready(60)
        try:
            ensure_stream(self.instance)
        except StreamNotReady as refusal:
            raise WillNotStart(str(refusal)) from refusal

    def _prepare_database(self) -> None:
        """Roles, schema and grants: the only moments in which the superuser's and the owner's secrets are used."""
        if os.environ.get(URL_VARIABLE):
            where = server(self.instance)
        else:
            postgres = Postgres(self.instance)
            postgres.ensure_database()
            where = postgres.server
        try:
            with administrator(where) as connection:
                schema.ensure_roles(connection, self.instance, where.name)
        except psycopg.Error as refusal:
            said = str(refusal).partition("\n")[0]
            where_and_why = _("the database at {host}, port {port}: {said}")
            raise WillNotStart(where_and_why.format(host=where.host, port=where.port, said=said)) from refusal
        os.environ["SENIM_HOME"] = str(self.instance.home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "senim.site.settings")
        django.setup()
        schema.become_owner(where, self.instance)
        schema.migrate()
        self._look_at_accounts()
        schema.leave_owner()

    def _look_at_accounts(self) -> None:
        """Refuse what production must not know; say what is still to be done by hand."""
        from senim.identity import checks  # its models load only once Django is ready

        if findings := checks.findings(self.instance):
            raise Refused(findings)
        if not self.instance.is_demonstration:
            for finding in checks.wanting():
                self.say(str(finding.reason))

    def _start_programs(self) -> None:
        started = []
        if self.instance.is_demonstration:
            started.append(self._started(house.regulator_child(self.instance)))
            started.append(self._started(house.post_child(self.instance)))
            if bank := house.national_bank_child(self.instance):
                started.append(self._started(bank))
            if payments := house.payments_child(self.instance):
                started.append(self._started(payments))
            if tsa := house.tsa_child(self.instance):
                started.append(self._started(tsa))
        started += [self._started(child) for child in house.programs(self.instance)]
        for child in started:
            child.wait_ready(60)

    def _started(self, child: Child) -> Child:
        for one in child.listens:
            one.raise_if_taken()
        self.children.append(child)
        child.start()
        return child

    def watch(self) -> None:
        """Keep every child running until SIGINT or SIGTERM."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stop = True

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        while not self._stop:
            self.tend()
            time.sleep(BETWEEN_ROUNDS)

    def tend(self) -> None:
        """One round of watching. What the machine has no room for now (a full disk) is told once and tried again."""
        for child in self.children:
            try:
                started = child.keep_running()
            except OSError as error:
                self._trouble(child.name, str(error))
                continue
            if child.pid is not None and (what := self._troubles.pop(child.name, None)):
                # With what it was: where our own output had no room either, nobody has read it yet.
                self._tell(_("{name}: the trouble is over ({what})").format(name=child.name, what=what))
            if started:
                again = _("{name} had ended, or could not go on, and was started again; its output: {log}")
                self._tell(again.format(name=child.name, log=child.log))

    def _trouble(self, name: str, what: str) -> None:
        if self._troubles.get(name) != what:
            self._troubles[name] = what
            trouble = _("{name} cannot be kept as it should, tried again until it can: {what}")
            self._tell(trouble.format(name=name, what=what))

    def _tell(self, text: str) -> None:
        """Say it, if there is room to say it: our own output may go to the disk that is full."""
        with suppress(OSError):
            self.say(text)

    def stop(self) -> None:
        """Stop everything: our own processes at once, for none needs another; then what they worked with."""
        ours = {program.name for program in PROGRAMS}
        first = [child for child in self.children if child.name in ours]
        for child in first:
            child.ask_to_end()
        for child in first:
            child.see_end()
        for child in reversed([child for child in self.children if child.name not in ours]):
            child.stop()
        self.children.clear()
        self._drop_lock()

    def _drop_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
