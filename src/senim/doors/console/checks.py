"""What *Now* and *Doctor* show of the rooms' checks: the findings, each led to the rows that it speaks of.

The checks themselves are the rooms' (`doctor.collection`); every one is made every time, and what cannot be known is
said.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from senim.doctor.collection import of_house
from senim.doctor.diagnosis import Result
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.checks import Asked, Fault


@dataclass(frozen=True)
class _Rows:
    """Where the rows stand that a check speaks of, and who may see them."""

    page: str
    wish: str = ""
    may: Permission = Permission.INCIDENTS_INCIDENT_READ
    one: str = ""
    """The page of the one source or service that a fault speaks of (`Fault.subject`)."""


_SERVICES = _Rows("services", one="services-one")
_SOURCES = _Rows("sources", may=Permission.TELEMETRY_SOURCE_READ, one="sources-one")
_COVERAGE = _Rows("coverage", may=Permission.TELEMETRY_SOURCE_READ)
_HISTORY = _Rows("events-gaps", may=Permission.HISTORY_EVENT_READ)
_REGISTERS = _Rows("registers", may=Permission.REGISTERS_ENTRY_READ, one="registers-one")
_FEED = _Rows("feed", may=Permission.TELEMETRY_SOURCE_READ)
_ROWS = {
    "asoi:late": _Rows("messages", "?state=late&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:to-carry": _Rows("messages", "?state=exported&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:carrier": _Rows("messages", "?state=exported&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:carried": _Rows("messages", "?state=exported&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:refused": _Rows("messages", "?state=refused&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:unsealed": _Rows("messages", "?state=queued&counted=real", Permission.ASOI_MESSAGE_READ),
    "audit:unsealed": _Rows("audit", "?seal=waiting", Permission.AUDIT_LOG_READ),
    "availability:down": _SERVICES,
    "availability:review": _REGISTERS,
    "availability:undecided": _SERVICES,
    "availability:unmeasured": _SERVICES,
    "detection:aside": _Rows("aside"),
    "detection:kinds": _COVERAGE,
    "detection:rules": _COVERAGE,
    "governance:review": _REGISTERS,
    "event-feed:behind": _FEED,
    "event-feed:missing": _FEED,
    "event-feed:policy": _FEED,
    "event-feed:silent": _FEED,
    "history:behind": _HISTORY,
    "history:missing": _HISTORY,
    "incidents:unopened": _Rows("alerts", "?state=opening"),
    "incidents:waiting": _Rows("alerts", "?state=waiting"),
    "oncall:nobody": _Rows("oncall"),
    "oncall:ports": _Rows("oncall"),
    "oncall:unanswered": _Rows("oncall-pages", "?state=open"),
    "participants:review": _REGISTERS,
    "telemetry:losses": _SOURCES,
    "telemetry:review": _REGISTERS,
    "telemetry:sources": _SOURCES,
}


@dataclass(frozen=True)
class Finding:
    """Something that is not in order, or of which nobody knows whether it is."""

    what: str
    remedy: str
    address: str = ""
    """Where the rows stand that it speaks of."""
    is_known: bool = True
    """False: this could not be checked, so nothing can be said about it."""


def every_check(account: Account, asked: Asked) -> Iterator[Finding]:
    """Everything that speaks against good order, what the regulator is owed first."""
    for result in of_house(asked):
        yield from findings(account, result)


def findings(account: Account, result: Result) -> Iterator[Finding]:
    """What one check found."""
    for fault in result.faults:
        address = _address(account, result.check.name, fault)
        yield Finding(str(fault.what), str(fault.remedy), address, fault.is_known)


def _address(account: Account, check: str, fault: Fault) -> str:
    """Where the rows stand that `fault` speaks of; empty where there are none that `account` may see."""
    rows = _ROWS.get(check)
    if rows is None or not account.may(rows.may):
        return ""
    if rows.one and fault.subject:
        return reverse(rows.one, args=[fault.subject])
    return f"{reverse(rows.page)}{rows.wish}"
