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
from senim.kit.checks import Asked

_ROWS = {
    "asoi:late": ("messages", "?state=late&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:refused": ("messages", "?state=refused&counted=real", Permission.ASOI_MESSAGE_READ),
    "asoi:unsealed": ("messages", "?state=queued&counted=real", Permission.ASOI_MESSAGE_READ),
    "audit:unsealed": ("audit", "?seal=waiting", Permission.AUDIT_LOG_READ),
    "detection:aside": ("aside", "", Permission.INCIDENTS_INCIDENT_READ),
    "incidents:unopened": ("alerts", "?state=opening", Permission.INCIDENTS_INCIDENT_READ),
    "incidents:waiting": ("alerts", "?state=waiting", Permission.INCIDENTS_INCIDENT_READ),
    "oncall:nobody": ("oncall", "", Permission.INCIDENTS_INCIDENT_READ),
    "oncall:ports": ("oncall", "", Permission.INCIDENTS_INCIDENT_READ),
    "oncall:unanswered": ("oncall-pages", "?state=open", Permission.INCIDENTS_INCIDENT_READ),
    "telemetry:sources": ("now", "#sources", Permission.INCIDENTS_INCIDENT_READ),
}
"""Check → where its rows stand, and who may see them."""


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
    address = rows_of(account, result.check.name)
    for fault in result.faults:
        yield Finding(str(fault.what), str(fault.remedy), address, fault.is_known)


def rows_of(account: Account, check: str) -> str:
    """The address of the rows that a check speaks of; empty where there are none that `account` may see."""
    if check not in _ROWS:
        return ""
    page, wish, permission = _ROWS[check]
    return f"{reverse(page)}{wish}" if account.may(permission) else ""
