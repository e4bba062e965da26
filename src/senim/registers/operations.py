"""Writing registers. Nothing is changed in place: what is new follows what was, with its reason and its audit row.

The audit row holds the digest of the whole version, so that the sealed log bears witness of what the register said.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit import canonical
from senim.kit.clock import now as read_clock
from senim.kit.ids import new_id
from senim.registers import queries
from senim.registers.errors import ChangedMeanwhile, FactsRefused, MayNotChange, NoSuchEntry
from senim.registers.models import Version
from senim.registers.register import Register


def require_keeper(account: Account) -> None:
    """Raise `MayNotChange` unless `account` has leave to keep registers."""
    if not account.may(Permission.REGISTERS_ENTRY_CHANGE):
        raise MayNotChange


def add(
    register: Register, given: Mapping[str, str], *, owner: Account, review_on: date, reason: str, actor: Actor
) -> Version:
    """A new entry. Raises `FactsRefused`."""
    first = Version(register=register.name, entry=new_id(), number=1)
    return _write(first, register.facts(given), owner, review_on, reason, actor)


def change(
    register: Register,
    pk: UUID,
    given: Mapping[str, str],
    *,
    seen: int,
    owner: Account,
    review_on: date,
    reason: str,
    actor: Actor,
) -> Version:
    """What entry `pk` says from now on; `seen` is the number of the version that this one is to follow.

    Raises `FactsRefused`, `NoSuchEntry`, `ChangedMeanwhile`.
    """
    _raise_unless_seen(register, pk, seen)
    follows = Version(register=register.name, entry=pk, number=seen + 1)
    return _write(follows, register.facts(given), owner, review_on, reason, actor)


def end(register: Register, pk: UUID, *, seen: int, reason: str, actor: Actor) -> Version:
    """Let entry `pk` end: from now on it does not stand in the register any more, and its past stays.

    Raises `FactsRefused` where there is no reason, `NoSuchEntry`, `ChangedMeanwhile`.
    """
    last = _raise_unless_seen(register, pk, seen)
    over = Version(register=register.name, entry=pk, number=seen + 1, is_over=True)
    return _write(over, last.facts, last.owner, last.review_on, reason, actor)


def _raise_unless_seen(register: Register, pk: UUID, seen: int) -> Version:
    newest = queries.entry(register, pk)
    if newest.is_over:
        raise NoSuchEntry
    if newest.number != seen:
        raise ChangedMeanwhile
    return newest


def _write(
    version: Version, facts: Mapping[str, str], owner: Account, review_on: date, reason: str, actor: Actor
) -> Version:
    if not reason.strip():
        raise FactsRefused({"reason": [_("Say why")]})
    version.facts, version.owner, version.review_on = dict(facts), owner, review_on
    version.reason, version.written_by, version.written_at = reason.strip(), actor.name, read_clock()
    try:
        with transaction.atomic():
            version.save(force_insert=True)
            detail = {"register": version.register, "number": version.number, "sha256": digest(version)}
            action = _ACTIONS[version.is_over, version.number == 1]
            audit.record(actor, action, f"register-entry:{version.entry}", reason=version.reason, detail=detail)
    except IntegrityError as error:
        raise ChangedMeanwhile from error  # somebody was faster
    return version


_ACTIONS = {
    (False, True): AuditAction.REGISTERS_ENTRY_ADDED,
    (False, False): AuditAction.REGISTERS_ENTRY_CHANGED,
    (True, False): AuditAction.REGISTERS_ENTRY_ENDED,
}
"""Whether it is over, whether it is the first → what was done."""


def digest(version: Version) -> str:
    """SHA-256 of what `version` says, which the audit row of its writing holds."""
    said = {
        "entry": str(version.entry),
        "facts": version.facts,
        "is_over": version.is_over,
        "number": version.number,
        "owner": str(version.owner_id),
        "register": version.register,
        "review_on": version.review_on.isoformat(),
    }
    return hashlib.sha256(canonical.dumps(said)).hexdigest()
