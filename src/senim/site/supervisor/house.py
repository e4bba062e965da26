"""The whole house: which children there are and in what order they start."""

import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from django.utils.translation import gettext as _

from senim.asoi.kinds import Route
from senim.detection.figures import figures
from senim.exercises.transfers.settings import payments_settings
from senim.kit.instance import BadSettings, Instance
from senim.oncall.settings import oncall_settings
from senim.site.certificates import national_bank, payments, post, stand_in_certificate, tsa
from senim.site.database.connections import URL_VARIABLE, server
from senim.site.embedded.nats import Nats
from senim.site.embedded.place import runner
from senim.site.embedded.postgres import Postgres
from senim.site.layout import CHECKOUT
from senim.site.processes import PROGRAMS, Program
from senim.site.supervisor.child import Child
from senim.site.supervisor.listening import Listening
from senim.site.web import console_settings
from senim.telemetry.stream import EMBEDDED_HOST, stream_settings
from senim.telemetry.stream import URL_VARIABLE as STREAM_URL_VARIABLE


class NationalBankAddress(msgspec.Struct, frozen=True):
    """Of table `[asoi.national_bank]`: where the stand-in for the bank's object is expected to listen."""

    url: str = ""


class TsaAddress(msgspec.Struct, frozen=True):
    """Of table `[asoi.tsa]`: where the stand-in that gives time-stamps is expected to listen."""

    url: str


class AsoiAddress(msgspec.Struct, frozen=True):
    """The words of table `[asoi]` that the supervisor needs: where the stand-in is expected to listen."""

    url: str
    page: str = ""
    route: str = Route.DIRECT
    national_bank: NationalBankAddress = NationalBankAddress()
    tsa: TsaAddress | None = None


_LOOPBACK = "127.0.0.1"
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
    listens = Listening(EMBEDDED_HOST, stream_settings(instance).port, "[stream] port", nats.certificate)
    return Child("nats", instance, nats.command(), _PLAIN, listens=(listens,), runner=runner(), ailing=nats.ailing)


def program_child(instance: Instance, program: Program) -> Child:
    """One of our own processes."""
    listens = (console_listening(instance),) if program.name == "console" else ()
    way = ["senim.site.confined"] if program.is_bare else ["senim.site.cli", "run"]
    command = [sys.executable, "-m", *way, program.name]
    return Child(program.name, instance, command, environment(instance, program.name), listens=listens)


def console_listening(instance: Instance) -> Listening:
    """Where the console's door is."""
    console = console_settings(instance)
    return Listening(console.host, console.port, "[console] port", instance.certificate("console", "door-tls"))


def regulator_child(instance: Instance) -> Child:
    """The ASOI stand-in: demonstration only. A program of its own, told nothing of ours."""
    asoi = instance.section("asoi", AsoiAddress)
    port, page_port = urlsplit(asoi.url).port or 0, urlsplit(asoi.page).port or 0
    home = instance.home / "stand_ins" / "asoi"
    serve = ["serve", "--home", str(home), "--port", str(port), "--page-port", str(page_port)]
    command = [sys.executable, "-m", "stand_ins.asoi", *serve]
    shown = stand_in_certificate(instance)
    ports = (("[asoi] url", port), ("[asoi] page", page_port))
    listens = tuple(Listening(_LOOPBACK, number, setting, shown) for setting, number in ports if number)
    return Child("stand-in-asoi", instance, command, _PLAIN, listens=listens, cwd=CHECKOUT)


def national_bank_child(instance: Instance) -> Child | None:
    """The stand-in for the National Bank's object, where messages go by it: a program of its own."""
    asoi = instance.section("asoi", AsoiAddress)
    if asoi.route != Route.NATIONAL_BANK:
        return None
    home, port = national_bank(instance), urlsplit(asoi.national_bank.url).port or 0
    serve = ["serve", "--home", str(home), "--port", str(port), "--asoi", asoi.url]
    command = [sys.executable, "-m", "stand_ins.national_bank", *serve]
    listens = (Listening(_LOOPBACK, port, "[asoi.national_bank] url", home / "tls.crt"),)
    return Child("stand-in-national-bank", instance, command, _PLAIN, listens=listens, cwd=CHECKOUT)


def tsa_child(instance: Instance) -> Child | None:
    """The stand-in that gives time-stamps, where senim.toml names an authority: a program of its own."""
    wanted = instance.section("asoi", AsoiAddress).tsa
    if wanted is None:
        return None
    port = urlsplit(wanted.url).port or 0
    command = [sys.executable, "-m", "stand_ins.tsa", "serve", "--home", str(tsa(instance)), "--port", str(port)]
    # Plain HTTP: who answers there is told by what is signed, and a stranger's stamps are refused.
    return Child("stand-in-tsa", instance, command, _PLAIN, ready=partial(_is_listened_on, port), cwd=CHECKOUT)


def _is_listened_on(port: int) -> bool:
    try:
        socket.create_connection((_LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def post_child(instance: Instance) -> Child:
    """Mail server, SMS gateway and webhook receiver of a demonstration: a program of its own, told nothing of ours."""
    known = oncall_settings(instance)
    if not (known.mail and known.sms and known.webhook):
        raise BadSettings(_("a demonstration needs [oncall.mail], [oncall.sms] and [oncall.webhook]"))
    ports = {
        "mail": known.mail.port,
        "sms": urlsplit(known.sms.url).port or 0,
        "webhook": urlsplit(f"//{known.webhook.hosts[0]}").port or 0,
    }
    wishes = [word for way, port in ports.items() for word in (f"--{way}-port", str(port))]
    command = [sys.executable, "-m", "stand_ins.post", "serve", "--home", str(post(instance)), *wishes]
    shown = post(instance) / "tls.crt"
    # The mail server speaks TLS only once it was asked to; it is there when the two others are.
    listens = tuple(Listening(_LOOPBACK, ports[way], f"[oncall.{way}]", shown) for way in ("sms", "webhook"))
    return Child("stand-in-post", instance, command, _PLAIN, listens=listens, cwd=CHECKOUT)


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
    listens = (Listening(_LOOPBACK, port, "[payments] port", payments(instance) / "tls.crt"),)
    return Child("stand-in-payments", instance, command, _PLAIN, listens=listens, cwd=CHECKOUT)


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
