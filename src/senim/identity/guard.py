"""Who may open a page: one declaration per view, one check for all doors.

    @needs(Permission.INCIDENTS_INCIDENT_READ)
    def incidents(request): ...

A door's middleware asks `check(request, access_of(view))` for every request. A view that declares nothing is open to
nobody: what is forgotten is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from senim.identity.errors import NotEnrolled, NotPermitted, NotSignedIn, StaleFactor
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.identity.queries import next_step
from senim.kit.clock import now

View = TypeVar("View", bound=Callable[..., Any])
FRESH_SECONDS = 300
"""Our choice: how long a one-time code counts as shown just now."""


class Level(Enum):
    """How far somebody must have come."""

    ANYBODY = "anybody"
    ENROLLING = "enrolling"
    """The password was right; the second factor may still be missing."""
    STAFF = "staff"
    """Both factors shown."""


@dataclass(frozen=True)
class Access:
    """What a view asks of those who open it."""

    level: Level
    permission: Permission | None = None
    fresh: bool = False
    """Whether a second factor must have been shown within `FRESH_SECONDS`."""
    passive: bool = False
    """Whether pages call it by themselves: such a call does not keep a session alive."""


def anybody(view: View) -> View:
    """Open to everybody: signing in, and what shows no record of the bureau."""
    return _declared(view, Access(Level.ANYBODY))


def enrolling(view: View) -> View:
    """Open to whoever has shown a password: setting up the second factor, signing out."""
    return _declared(view, Access(Level.ENROLLING))


def staff(view: View) -> View:
    """Open to all staff who have shown both factors: their own security page."""
    return _declared(view, Access(Level.STAFF))


def needs(permission: Permission, *, fresh: bool = False, passive: bool = False) -> Callable[[View], View]:
    """Open to staff whose role has `permission`."""
    return lambda view: _declared(view, Access(Level.STAFF, permission, fresh, passive))


def freshly(view: View) -> View:
    """Besides what `view` declares: a second factor shown just now."""
    return _declared(view, replace(_must_have(view), fresh=True))


def access_of(view: Callable[..., Any]) -> Access | None:
    """What `view` declares; None where it declares nothing and is therefore open to nobody."""
    return getattr(view, "access", None)


def check(request: HttpRequest, access: Access | None) -> None:
    """Let the request pass, or raise `NotSignedIn`, `NotEnrolled`, `NotPermitted`, `StaleFactor`."""
    if access is not None and access.level is Level.ANYBODY:
        return
    account = request.user
    if not isinstance(account, Account):
        raise NotSignedIn
    if access is None:
        raise NotPermitted
    if access.level is Level.ENROLLING:
        return
    # R228/81-16: two factors of three. Nothing but enrolment is open to a session that has shown one.
    if next_step(account) or not second_factor_shown(request):
        raise NotEnrolled
    if access.permission is not None and not account.may(access.permission):
        raise NotPermitted
    if access.fresh and not is_fresh(request):
        raise StaleFactor


def second_factor_shown(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session."""
    return any(record["method"] == "mfa" for record in _records(request))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the strongest factor that this account has was shown in the last `FRESH_SECONDS`."""
    method = "mfa" if second_factor_shown(request) else "password"
    moments = [record["at"] for record in _records(request) if record["method"] == method]
    return bool(moments) and 0 <= now().timestamp() - moments[-1] < FRESH_SECONDS


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records


def _declared(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def _must_have(view: Callable[..., Any]) -> Access:
    found = access_of(view)
    if found is None:
        raise TypeError(f"{view} declares no access: put `freshly` above `needs` or `staff`")
    return found
