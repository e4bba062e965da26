"""How often somebody may try: guessing ends soon, and whoever fails on purpose stops nobody who has been here before.

Attempts are counted apart, each by what a stranger cannot share with the owner of an account:

1. from an unknown browser, by address and by account;
2. from a browser in which the owner has signed in before, by that browser (`devices`);
3. in an open session, where a fresh factor is asked for, by that session.

So a stranger, even one who knows the password, closes (1) and nothing else: the owner goes on in open sessions and in
known browsers. Whoever comes to a *new* browser is a stranger until signed in, and can be kept out of it for as long as
somebody goes on failing on purpose; from there a known browser helps.

What guessing is worth: a code is one of a million and three are good at a time (`factors`), so the 30 wrong ones that
`BOUNDS` leaves a stranger with the password in a day hit with 30 x 3 / 1,000,000, nine in a hundred thousand; each is
an audit row and an event, and five of them an alert (rules/platform). Browsers and sessions of the owner bring as much
each, to whoever has stolen them together with the password.
"""

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.core.cache import cache
from django.http import HttpRequest

from senim.identity import devices, sessions, sign_in
from senim.identity.models import Account

BOUNDS = {
    "visit": "30/m/ip",
    "visit_known": "30/m/key",
    "failed": "10/m/ip,5/5m/key,30/d/key",
    "failed_known": "5/5m/key,30/d/key",
    "failed_in_session": "5/5m/key,30/d/key",
}
"""Our choice. Passwords and codes are counted apart, by these."""
ONCE_IN_SECONDS = 60
"""Our choice: attempts beyond the bounds leave their rows once in so long, so that nobody fills the log with them."""


def visit(request: HttpRequest) -> bool:
    """Count a form that was sent on the way in; whether it may be looked at."""
    device = devices.known(request)
    return _use(request, "visit_known" if device else "visit", device or "-") is not None


def password(request: HttpRequest, username: str) -> RateLimitUsage | None:
    """Count a password for `username`; None where there were too many. Rolled back where it was right."""
    return _try(request, username, "password")


def code(request: HttpRequest, account: Account) -> RateLimitUsage | None:
    """Count a code of `account`; None where there were too many. Rolled back where it was right."""
    return _try(request, account.username, "code")


def refuse(account: Account | None, *, address: str, factor: str, is_beyond: bool) -> None:
    """Leave the rows of an attempt that failed; of those beyond the bounds one a while, for each account and factor."""
    if is_beyond and not cache.add(f"beyond:{account.pk if account else '-'}:{factor}", "", ONCE_IN_SECONDS):
        return
    sign_in.refuse_session(account, address=address, factor=factor)


def _try(request: HttpRequest, username: str, factor: str) -> RateLimitUsage | None:
    key = f"{factor}:{username}"
    # An open session is told by when it began: that stays, whatever key it goes on under.
    if isinstance(request.user, Account) and (began := request.session.get(sessions.STARTED_AT)):
        return _use(request, "failed_in_session", f"{key}:{request.user.pk}:{began}")
    if device := devices.known(request, username):
        return _use(request, "failed_known", f"{key}:{device}")
    return _use(request, "failed", key)


def _use(request: HttpRequest, action: str, key: str) -> RateLimitUsage | None:
    return ratelimit.consume(request, app="senim.identity", action=action, config=BOUNDS, key=key)
