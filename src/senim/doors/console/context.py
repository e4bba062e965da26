"""What every page of the console knows: whose house, whose session, what the menu offers."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.bureau import bureau

LANGUAGES = (("kk", "Қаз", "Қазақша"), ("ru", "Рус", "Русский"), ("en", "Eng", "English"))
_MENU = (
    ("now", _("Now"), Permission.INCIDENTS_INCIDENT_READ),
    ("alerts", _("Alerts"), Permission.INCIDENTS_INCIDENT_READ),
    ("incidents", _("Incidents"), Permission.INCIDENTS_INCIDENT_READ),
    ("services", _("Services"), Permission.INCIDENTS_INCIDENT_READ),
    ("events", _("Events"), Permission.HISTORY_EVENT_READ),
    ("messages", _("Messages to the regulator"), Permission.ASOI_MESSAGE_READ),
    ("feed", _("Event feed"), Permission.TELEMETRY_SOURCE_READ),
    ("promptness", _("Promptness"), Permission.INCIDENTS_INCIDENT_READ),
    ("sources", _("Sources"), Permission.TELEMETRY_SOURCE_READ),
    ("coverage", _("Coverage"), Permission.TELEMETRY_SOURCE_READ),
    ("oncall", _("On call"), Permission.INCIDENTS_INCIDENT_READ),
    ("report", _("Yearly information"), Permission.ANNUAL_REPORT_REPORT_READ),
    ("registers", _("Registers"), Permission.REGISTERS_ENTRY_READ),
    ("doctor", _("Doctor"), Permission.INCIDENTS_INCIDENT_READ),
    ("audit", _("Audit log"), Permission.AUDIT_LOG_READ),
)


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    address: str
    text: str | Promise
    is_here: bool


def page(request: HttpRequest) -> dict[str, object]:
    """Django's context processor."""
    account = getattr(request, "user", None)
    names = bureau(settings.SENIM_INSTANCE).name
    return {
        "bureau": getattr(names, get_language() or "kk", names.kk),
        "account": account if isinstance(account, Account) else None,
        "may_read_events": isinstance(account, Account) and account.may(Permission.HISTORY_EVENT_READ),
        "menu": _menu(request, account) if isinstance(account, Account) else (),
        "languages": LANGUAGES,
        "is_demonstration": settings.SENIM_INSTANCE.is_demonstration,
    }


def _menu(request: HttpRequest, account: Account) -> list[Entry]:
    match = request.resolver_match
    here = (match.url_name or "").partition("-")[0] if match else ""
    return [Entry(reverse(name), text, name == here) for name, text, permission in _MENU if account.may(permission)]
