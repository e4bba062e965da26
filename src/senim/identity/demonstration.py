"""Accounts of a demonstration: made whole, with password and authenticator, and marked as such for ever.

They exist under the demonstration profile only; production refuses them by the fact of their birth (`queries`,
`checks`).
"""

import msgspec
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.identity import factors, sign_in
from senim.identity.errors import NotADemonstration
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Profile


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody made up, with everything that signs in."""

    username: str
    full_name: str
    role: Role
    language: str
    password: str
    secret: str
    """Of the authenticator, base32."""


@transaction.atomic
def ensure(person: Person, *, actor: Actor) -> Account:
    """Let the account of `person` be there and open with exactly their password and secret; again, nothing changes.

    Raises `NotADemonstration` on a production instance, and where the name belongs to an account of production.
    """
    account = Account.objects.filter(username=person.username).first() or Account(username=person.username)
    fresh = account._state.adding  # noqa: SLF001 - Django's own word for "not saved yet"
    born = Profile.DEMONSTRATION.value if fresh else account.born_in
    if not settings.SENIM_INSTANCE.is_demonstration or born != Profile.DEMONSTRATION:
        raise NotADemonstration
    if fresh:
        account.full_name, account.role, account.language = person.full_name, person.role.value, person.language
        account.born_in = born
    if fresh or not account.check_password(person.password):
        account.set_password(person.password)
        account.password_chosen_at, account.enrol_until = now(), None
        account.save(update_fields=None if fresh else ["password", "password_chosen_at", "enrol_until"])
    if fresh:
        detail = {"username": account.username, "role": account.role}
        audit.record(actor, AuditAction.IDENTITY_ACCOUNT_CREATED, account.subject, detail=detail)
    if not _has(account, person.secret):
        factors.install(account, person.secret)
        sign_in.factor_added(account, Authenticator.Type.TOTP.value, actor=actor)
    return account


def _has(account: Account, secret: str) -> bool:
    kept = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    return kept is not None and factors.Factors().decrypt(kept.data["secret"]) == secret
