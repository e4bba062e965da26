"""The people of a demonstration: made up here, their secrets random for each checkout and readable by its owner only.

`demo-accounts.json` (0600) holds them, so that `senim demo` can show passwords and codes. The accounts themselves are
made by the console's own hand (`senim demo enrol`): its database role may, and only it can encrypt factors.
Import this once Django is ready.
"""

import secrets
from collections.abc import Iterable
from pathlib import Path

import msgspec
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from senim.audit.operations import Actor
from senim.identity import demonstration
from senim.identity.demonstration import Person
from senim.identity.errors import NobodyYet, NotADemonstration
from senim.identity.factors import new_secret
from senim.identity.models import Account
from senim.identity.permissions import ROLE_NAMES, Role
from senim.kit.files import read_private, write_private
from senim.kit.instance import Instance
from senim.oncall import roster
from senim.oncall.models import Contact
from senim.oncall.settings import oncall_settings
from senim.site.sample_registers import ensure_registers

_PEOPLE = (
    ("administrator", "Ержан Сәтбеков", Role.ADMINISTRATOR),
    ("analyst", "Айгерім Нұрланова", Role.ANALYST),
    ("auditor", "Дәурен Қасымов", Role.AUDITOR),
    ("head", "Гүлнәр Оразбаева", Role.HEAD_OF_IS),
)
_PASSWORD_BYTES = 12
_PLACES = (Role.ANALYST, Role.HEAD_OF_IS)
"""Who is on call in a demonstration, the first first."""
_SUPERVISOR = Actor.process("supervisor")


def people(instance: Instance) -> list[Person]:
    """Everybody in `demo-accounts.json`.

    Raises `NotADemonstration` on a production instance, `NobodyYet` before the first start.
    """
    _raise_unless_demonstration(instance)
    try:
        return msgspec.json.decode(read_private(_file(instance)), type=list[Person])
    except FileNotFoundError:
        raise NobodyYet from None


def people_told(everybody: Iterable[Person]) -> str:
    """`everybody` for people at a terminal: how each signs in, one a line."""
    lines = [f"{p.username:<14} {p.password:<18} {p.full_name}, {ROLE_NAMES[p.role]}" for p in everybody]
    return "\n".join([*lines, _("One-time codes: senim demo code NAME")])


def ensure_people(instance: Instance) -> list[Person]:
    """Make up the people where that has not happened yet, and let each have an account. Runs as the console."""
    _raise_unless_demonstration(instance)
    if not _file(instance).exists():
        write_private(_file(instance), msgspec.json.format(msgspec.json.encode(_made_up()), indent=1))
    everybody = people(instance)
    accounts = [demonstration.ensure(person, actor=_SUPERVISOR) for person in everybody]
    for number, account in enumerate(accounts, start=1):
        _ensure_on_call(instance, account, number)
    keeper = next(account for account in accounts if account.role == Role.HEAD_OF_IS)
    ensure_registers(keeper, actor=_SUPERVISOR)
    return everybody


@transaction.atomic
def _ensure_on_call(instance: Instance, account: Account, number: int) -> None:
    """Let somebody made up be reached by the stand-ins, and be on the list; what people changed since stays."""
    if Contact.objects.filter(account=account).exists():
        return
    hosts = known.hosts if (known := oncall_settings(instance).webhook) else ()
    roster.set_contact(
        account,
        # No such number is given to anybody: +7 700 begins those of a network, and none of it is all noughts.
        phone=f"+7700000000{number}",
        email=f"{account.username}@ulgi.example",
        webhook=f"https://{hosts[0]}/{account.username}" if hosts else "",
        actor=_SUPERVISOR,
    )
    if account.role in _PLACES:
        today = localdate()
        place = _PLACES.index(Role(account.role)) + 1
        roster.add_duty(account, place=place, since=today, until=None, every_weeks=1, actor=_SUPERVISOR)


def _made_up() -> list[Person]:
    return [
        Person(username, name, role, "kk", secrets.token_urlsafe(_PASSWORD_BYTES), new_secret())
        for username, name, role in _PEOPLE
    ]


def _file(instance: Instance) -> Path:
    return instance.home / "demo-accounts.json"


def _raise_unless_demonstration(instance: Instance) -> None:
    if not instance.is_demonstration:
        raise NotADemonstration
