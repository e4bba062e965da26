"""Reading accounts and sessions."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from senim.identity import factors
from senim.identity.errors import NoSuchAccount
from senim.identity.models import Account, Session
from senim.identity.names import normal
from senim.identity.permissions import GRANTED, Permission
from senim.identity.session_limits import LONGEST
from senim.kit.clock import now as read_clock
from senim.kit.instance import Profile


def account(username: str) -> Account:
    """The account called `username`. Raises `NoSuchAccount`."""
    found = Account.objects.filter(username=normal(username)).first()
    if found is None:
        raise NoSuchAccount(username)
    return found


def by_id(pk: str) -> Account:
    """The account that events call `pk`. Raises `Account.DoesNotExist`."""
    return Account.objects.get(pk=pk)


def accounts() -> QuerySet[Account]:
    """All accounts, by name."""
    return Account.objects.all()


def who_may(permission: Permission) -> QuerySet[Account]:
    """The accounts that are alive and have `permission`, by name."""
    roles = [role.value for role, granted in GRANTED.items() if permission in granted]
    return Account.objects.filter(is_active=True, role__in=roles)


def may_sign_in(account: Account, *, now: datetime | None = None) -> bool:
    """Whether `account` may sign in here at all: alive, of this profile, enrolled or still in time to enrol."""
    # By the fact under which it was made, not by a setting: production refuses what a demonstration made.
    belongs = account.born_in != Profile.DEMONSTRATION or settings.SENIM_INSTANCE.is_demonstration
    # R228/81-16: two factors of three. Without a second one nobody comes in except to set it up, and for that the time
    # is short: whoever has only learned a password must not find the other factor's place empty.
    end = account.enrol_until
    is_in_time = factors.has_one(account) if end is None else (now or read_clock()) < end
    return account.is_active and belongs and is_in_time


def next_step(account: Account) -> str:
    """What `account` must do before it may see anything: `password`, `authenticator`, or nothing."""
    if account.password_chosen_at is None:
        return "password"
    return "" if factors.has_one(account) else "authenticator"


def sessions_of(account: Account, *, now: datetime | None = None) -> QuerySet[Session]:
    """Where `account` is signed in at this moment, the latest first."""
    moment = now or read_clock()
    return account.sessions.filter(expire_date__gt=moment, started_at__gt=moment - LONGEST)
