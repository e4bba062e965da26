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
    facts = register.facts(given)
    first = Version(
        register=register.name, entry=new_id(), number=1, facts=facts, owner=owner, review_on=review_on, reason=reason
    )
    return _write(first, actor)


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
    newest = _newest(register, pk, seen)
    return _follow(newest, actor, facts=register.facts(given), owner=owner, review_on=review_on, reason=reason)


def end(register: Register, pk: UUID, *, seen: int, reason: str, actor: Actor) -> Version:
    """Let entry `pk` end: from now on it does not stand in the register any more, and its past stays.

    Raises `FactsRefused` where there is no reason, `NoSuchEntry`, `ChangedMeanwhile`.
    """
    return _follow(_newest(register, pk, seen), actor, is_over=True, reason=reason)


def _newest(register: Register, pk: UUID, seen: int) -> Version:
    newest = queries.entry(register, pk)
    if newest.is_over:
        raise NoSuchEntry
    if newest.number != seen:
        raise ChangedMeanwhile
    return newest


def _follow(newest: Version, actor: Actor, **said: object) -> Version:
    kept = {name: getattr(newest, name) for name in ("register", "entry", "facts", "owner", "review_on")}
    return _write(Version(**{**kept, "number": newest.number + 1, **said}), actor)


def _write(version: Version, actor: Actor) -> Version:
    version.reason = version.reason.strip()
    if not version.reason:
        raise FactsRefused({"reason": [_("Say why")]})
    version.written_by, version.written_at = actor.name, read_clock()
    detail = {"register": version.register, "number": version.number, "sha256": digest(version)}
    action = _ACTIONS[version.is_over, version.number == 1]
    try:
        with transaction.atomic():
            version.save(force_insert=True)
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
