"""All checks there are: each room's, the house's, the machine's. One set, whoever asks."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from senim.annual_report import checks as annual_report
from senim.asoi import channel_checks as asoi
from senim.audit import checks as audit
from senim.availability import checks as availability
from senim.detection import checks as detection
from senim.doctor import machine
from senim.doctor.database import DATABASE
from senim.doctor.diagnosis import Result, examine, unchecked
from senim.doctor.house import House
from senim.event_feed import checks as event_feed
from senim.events import checks as events
from senim.governance import checks as governance
from senim.history import checks as history
from senim.identity import checks as identity
from senim.incidents import checks as incidents
from senim.kit.checks import Asked
from senim.oncall import checks as oncall
from senim.participants import checks as participants
from senim.pulse import checks as pulse
from senim.telemetry import checks as telemetry

HOUSE = (
    *asoi.CHECKS,
    *availability.CHECKS,
    *incidents.CHECKS,
    *oncall.CHECKS,
    *events.CHECKS,
    *audit.CHECKS,
    *pulse.CHECKS,
    *telemetry.CHECKS,
    *history.CHECKS,
    *event_feed.CHECKS,
    *detection.CHECKS,
    *identity.CHECKS,
    *governance.CHECKS,
    *participants.CHECKS,
    *annual_report.CHECKS,
    DATABASE,
)
"""What the console and whoever is at the machine can ask alike; what the regulator is owed first."""
OF_ROOMS_AT_MACHINE = (*asoi.AT_MACHINE, *audit.AT_MACHINE, *telemetry.AT_MACHINE, *detection.AT_MACHINE)


def of_house(asked: Asked) -> Iterator[Result]:
    """Ask everything that can be asked without being at the machine."""
    return examine(HOUSE, asked)


def of_waking(asked: Asked) -> Iterator[Result]:
    """Ask what people are woken for. The database tells all of it, with the worker's rights as with the console's."""
    return examine((check for check in HOUSE if check.wakes is not None), asked)


def everything(asked: Asked, house: House) -> list[Result]:
    """Ask everything, as somebody at the machine. Where the database is away, what it would tell is not known."""
    (database,) = examine([DATABASE], asked)
    at_machine = examine((*OF_ROOMS_AT_MACHINE, *machine.checks(house)), asked)
    if database.ok:
        return [*of_house(asked), *at_machine]
    away = (unchecked(_("the database does not answer")),)
    return [*(Result(check, away) for check in HOUSE if check is not DATABASE), database, *at_machine]
