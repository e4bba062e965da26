"""All checks there are: each room's, the house's, the machine's. One set, whoever asks."""

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from senim.asoi import channel_checks as asoi
from senim.audit import checks as audit
from senim.detection import checks as detection
from senim.doctor import machine, processes
from senim.doctor.database import DATABASE
from senim.doctor.diagnosis import Result, examine, unchecked
from senim.doctor.house import House
from senim.events import checks as events
from senim.identity import checks as identity
from senim.incidents import checks as incidents
from senim.kit.checks import Asked
from senim.oncall import checks as oncall
from senim.telemetry import checks as telemetry

HOUSE = (
    *asoi.CHECKS,
    *incidents.CHECKS,
    *oncall.CHECKS,
    *events.CHECKS,
    *audit.CHECKS,
    *processes.CHECKS,
    *telemetry.CHECKS,
    *detection.CHECKS,
    *identity.CHECKS,
    DATABASE,
)
"""What the database can tell, by the rights of console, worker and operator alike; what the regulator is owed first."""
OF_ROOMS_AT_MACHINE = (*asoi.AT_MACHINE, *audit.AT_MACHINE, *telemetry.AT_MACHINE)


def of_house(asked: Asked) -> Iterator[Result]:
    """Ask everything that the database can tell; `asked` says which processes are idle."""
    return examine(HOUSE, asked)


def everything(asked: Asked, house: House) -> list[Result]:
    """Ask everything, as somebody at the machine. Where the database is away, what it would tell is not known."""
    (database,) = examine([DATABASE], asked)
    at_machine = examine((*OF_ROOMS_AT_MACHINE, *machine.checks(house)), asked)
    if database.ok:
        return [*of_house(replace(asked, idle=processes.idle())), *at_machine]
    away = (unchecked(_("the database does not answer")),)
    return [*(Result(check, away) for check in HOUSE if check is not DATABASE), database, *at_machine]
