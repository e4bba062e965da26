"""The whole house: which children there are and in what order they start."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from senim.detection.figures import figures
from senim.exercises.transfers.settings import payments_settings
from senim.kit.instance import BadSettings, Instance
from senim.oncall.settings import oncall_settings
from senim.site.certificates import payments, post
from senim.site.database.connections import URL_VARIABLE, server
from senim.site.embedded.nats import Nats
from senim.site.embedded.place import runner
from senim.site.embedded.postgres import Postgres
from senim.site.layout import CHECKOUT
from senim.site.processes import PROGRAMS, Program
from senim.site.supervisor.child import Child
from senim.site.web import console_settings
from senim.telemetry.stream import URL_VARIABLE as STREAM_URL_VARIABLE
from senim.telemetry.stream import stream_settings


class AsoiAddress(msgspec.Struct, frozen=True):
    """The words of table `[asoi]` that the supervisor needs: where the stand-in is expected to listen."""

    url: str
    page: str = ""


_PLAIN = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LANG": os.environ.get("LANG", "C.UTF-8"),
    "PYTHONUNBUFFERED": "1",
}


def postgres_child(instance: Instance, postgres: Postgres) -> Child:
    """The embedded database server."""
    return Child(
        "postgres",
        instance,
        postgres.command(),
        {**_PLAIN, "LC_ALL": "C.UTF-8"},
        ready=postgres.is_ready,
        stop_signal=signal.SIGINT,
        runner=runner(),
    )


def nats_child(instance: Instance, nats: Nats) -> Child:
    """The embedded stream server."""
    port = stream_settings(instance).port
    return Child("nats", instance, nats.command(), _PLAIN, ready=answers("127.0.0.1", port), runner=runner())


def program_child(instance: Instance, program: Program) -> Child:
    """One of our own processes."""
    ready = None
    if program.name == "console":
        console = console_settings(instance)
        ready = answers(console.host, console.port)
    way = ["senim.site.confined"] if program.is_bare else ["senim.site.cli", "run"]
    command = [sys.executable, "-m", *way, program.name]
    return Child(program.name, instance, command, environment(instance, program.name), ready=ready)


def regulator_child(instance: Instance) -> Child:
    """The ASOI stand-in: demonstration only. A program of its own, told nothing of ours."""
    asoi = instance.section("asoi", AsoiAddress)
    port, page_port = urlsplit(asoi.url).port or 0, urlsplit(asoi.page).port or 0
    home = instance.home / "stand_ins" / "asoi"
    serve = ["serve", "--home", str(home), "--port", str(port), "--page-port", str(page_port)]
    command = [sys.executable, "-m", "stand_ins.asoi", *serve]
    ready = answers("127.0.0.1", port)
    return Child("stand-in-asoi", instance, command, _PLAIN, ready=ready, cwd=CHECKOUT)


def post_child(instance: Instance) -> Child:
    """Mail server, SMS gateway and webhook receiver of a demonstration: a program of its own, told nothing of ours."""
    known = oncall_settings(instance)
    if not (known.mail and known.sms and known.webhook):
        raise BadSettings("a demonstration needs [oncall.mail], [oncall.sms] and [oncall.webhook]")
    ports = {
        "mail": known.mail.port,
        "sms": urlsplit(known.sms.url).port or 0,
        "webhook": urlsplit(f"//{known.webhook.hosts[0]}").port or 0,
    }
    wishes = [word for way, port in ports.items() for word in (f"--{way}-port", str(port))]
    command = [sys.executable, "-m", "stand_ins.post", "serve", "--home", str(post(instance)), *wishes]
    asks = [answers("127.0.0.1", port) for port in ports.values()]
    return Child("stand-in-post", instance, command, _PLAIN, ready=lambda: all(ask() for ask in asks), cwd=CHECKOUT)


def payments_child(instance: Instance) -> Child | None:
    """The stand-in that pays refunds, where senim.toml names one: a program of its own, told the bureau's limits."""
    port = payments_settings(instance).port
    if not port:
        return None
    limits = figures(instance)
    told = {"home": payments(instance), "journal": payments_journal(instance), "port": port}
    told |= {"refund-limit": limits.refund_limit, "day-limit": limits.refunds_a_day}
    wishes = [word for name, value in told.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "stand_ins.payments", "serve", *wishes]
    return Child("stand-in-payments", instance, command, _PLAIN, ready=answers("127.0.0.1", port), cwd=CHECKOUT)


def payments_journal(instance: Instance) -> Path:
    """Where that stand-in writes what it did, for a source to follow."""
    return instance.state("exercise") / "payments" / "journal.jsonl"


def asoi_page(instance: Instance) -> str:
    """Where the stand-in shows people what it received."""
    return instance.section("asoi", AsoiAddress).page


def environment(instance: Instance, process: str) -> dict[str, str]:
    """What one process finds in its environment: where it is and who it is, and nobody's secret."""
    found = {
        **_PLAIN,
        "SENIM_HOME": str(instance.home),
        "SENIM_PROCESS": process,
        "DJANGO_SETTINGS_MODULE": "senim.site.settings",
    }
    if os.environ.get(URL_VARIABLE):
        found[URL_VARIABLE] = server(instance).url
    if os.environ.get(STREAM_URL_VARIABLE):
        found[STREAM_URL_VARIABLE] = os.environ[STREAM_URL_VARIABLE]
    return found


def programs(instance: Instance) -> list[Child]:
    """Our own processes in the order in which they start."""
    return [program_child(instance, program) for program in PROGRAMS if program.is_wanted(instance)]


def answers(host: str, port: int) -> Callable[[], bool]:
    """A question: does somebody accept connections there?"""

    def ask() -> bool:
        try:
            with socket.create_connection((host, port), timeout=1):
                return True
        except OSError:
            return False

    return ask
