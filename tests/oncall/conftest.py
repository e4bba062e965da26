"""People on call, and what they are woken for."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from senim.audit.operations import Actor
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.incidents.operations import open_from_alert
from senim.kit.instance import Instance
from senim.oncall import roster
from senim.oncall.models import Contact
from senim.oncall.settings import OncallSettings, oncall_settings
from tests.incidents.conftest import MakeAlert, raise_alert, rules
from tests.staff import new_staff

__all__ = ["raise_alert", "rules"]

TESTER = Actor.process("test")
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday. Times are passed in: no clock is made up."""


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["tests.staff.QuickArgon2"]  # type: ignore[attr-defined]


@pytest.fixture
def known(instance: Instance) -> OncallSettings:
    """The figures of this instance."""
    return oncall_settings(instance)


def put_on_call(name: str, place: int, role: Role = Role.ANALYST, **line: object) -> Account:
    """Somebody on the list who can be reached by SMS and mail."""
    account = new_staff(role, username=name, full_name=name.title()).account
    Contact.objects.create(account=account, phone=f"+7700000000{place}", email=f"{name}@ulgi.example")
    roster.add_duty(
        account,
        **{"place": place, "since": date(2026, 1, 1), "until": None, "every_weeks": 1, **line},  # type: ignore[arg-type]
        actor=TESTER,
    )
    return account


@pytest.fixture
def first(db: None) -> Account:
    """Who is woken first."""
    return put_on_call("aliya", 1)


@pytest.fixture
def second(first: Account) -> Account:
    """Who is woken next."""
    return put_on_call("berik", 2, Role.HEAD_OF_IS)


NewIncident = Callable[..., Incident]


@pytest.fixture
def new_incident(db: None, raise_alert: MakeAlert) -> NewIncident:
    """An incident, opened; nobody has heard of it yet."""

    def open_one(**parts: object) -> Incident:
        return open_from_alert(raise_alert(**parts), actor=TESTER)

    return open_one
