"""From where a session is used: whether one session is used by two.

Clauses: R228/81-1(2) (unauthorised access), R228/81-2 (what happens at the door is a security event).

A place is a network and a browser. One session belongs to one browser, so honest people change one of the two at a time
and do not change back: a phone goes from Wi-Fi to mobile and back with the same browser, a browser renews itself once.
Where both change, and change back, and again, two people use the session in turns: its cookie was copied. That is told,
and the session ends, for both: its owner signs in again, the other one cannot.

Kept in the session itself are keyed prints of network and browser, never what they are.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import salted_hmac

from senim.events.operations import emit
from senim.events.vocabulary.identity import IdentityEvent
from senim.identity import session_limits
from senim.identity.models import Account
from senim.identity.sessions import row_key
from senim.kit.clock import from_iso, iso, now
from senim.kit.marker import marker_in

RETURNS = 2
WITHIN = timedelta(minutes=10)
"""Our choice: a session is used by two when it has come back so often, within so long, from another network and another
browser at once. One return may be somebody who tries out another browser over the telephone's network."""
_PLACES, _HERE, _RETURNED = "places", "place", "returned"
_MOST_PLACES = 8
_V4, _V6 = 24, 48
"""Bits of an address that name a network: a provider gives its customer changing addresses of one."""
_SALT = "senim.identity.places"


def is_used_by_two(session: SessionBase, *, address: str, agent: str, moment: datetime | None = None) -> bool:
    """Take down from where `session` is used now; whether that shows that two use it."""
    here, moment = _place(address, agent), moment or now()
    before, known = session.get(_HERE), list(session.get(_PLACES, []))
    if here == before:
        return False
    session[_HERE] = here
    others = [place for place in known if place != here]
    session[_PLACES] = [*others[1 - _MOST_PLACES :], here]
    if before is None or here not in known or not _differ_in_both(here, before):
        return False
    lately = [at for at in session.get(_RETURNED, []) if moment - from_iso(at) <= WITHIN]
    session[_RETURNED] = [*lately, iso(moment)][-RETURNS:]
    return len(session[_RETURNED]) >= RETURNS


def report_used_by_two(account: Account, *, address: str, agent: str) -> None:
    """The session of `account` is used by two; in the transaction that ends it."""
    facts = {"user": account.username, "src_ip": address, "marker": marker_in(agent)}
    emit(IdentityEvent.SESSION_SHARED, account.subject, facts)


def remember_end(session_key: str | None, account: Account, *, address: str, agent: str) -> None:
    """`account` has signed out, from here: whoever shows this session afterwards from elsewhere has a copy of it."""
    if session_key:
        left = {"user": account.username, "subject": account.subject, "place": _place(address, agent)}
        cache.set(_ended(session_key), left, int(session_limits.LONGEST.total_seconds()))


@transaction.atomic
def report_use_after_end(session_key: str, *, address: str, agent: str) -> bool:
    """Somebody shows a session that is over. Reported, once, where its owner signed out and this is another place."""
    left = cache.get(_ended(session_key))
    if left is None or not _differ_in_both(_place(address, agent), left["place"]):
        return False
    cache.delete(_ended(session_key))
    facts = {"user": left["user"], "src_ip": address, "marker": marker_in(agent)}
    emit(IdentityEvent.SESSION_USED_AFTER_END, left["subject"], facts)
    return True


def _ended(session_key: str) -> str:
    return f"ended:{row_key(session_key)}"


def _place(address: str, agent: str) -> list[str]:
    return [_print(_network(address)), _print(agent)]


def _differ_in_both(one: list[str], other: list[str]) -> bool:
    return one[0] != other[0] and one[1] != other[1]


def _print(text: str) -> str:
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()[:16]


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{known}/{_V4 if known.version == 4 else _V6}", strict=False))  # noqa: PLR2004 - IPv4
