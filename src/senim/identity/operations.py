"""Making and changing accounts. Every act leaves its audit row, in its own transaction.

Sessions and factors have theirs in `sign_in`.
"""

import secrets
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.events.operations import emit
from senim.events.vocabulary.identity import IdentityEvent
from senim.identity import sign_in
from senim.identity.errors import AccountExists, BadName
from senim.identity.models import Account
from senim.identity.names import normal
from senim.identity.permissions import Role
from senim.kit.clock import now as read_clock

ENROLMENT_LASTS = timedelta(hours=24)
"""Our choice: within how long password and authenticator must be set up."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5


@transaction.atomic
def add_account(
    username: str, full_name: str, role: Role, *, actor: Actor, now: datetime | None = None
) -> tuple[Account, str]:
    """Make an account and the one-time password with which its owner enrols: it is shown once and kept nowhere.

    Raises `AccountExists`, `BadName`.
    """
    name = normal(username)
    if not name:
        raise BadName(username)
    if Account.objects.filter(username=name).exists():
        raise AccountExists(name)
    password = one_time_password()
    account = Account(
        username=name,
        full_name=full_name,
        role=role.value,
        born_in=settings.SENIM_INSTANCE.profile.value,
        enrol_until=(now or read_clock()) + ENROLMENT_LASTS,
    )
    account.set_password(password)
    try:
        account.full_clean()
    except ValidationError as error:
        raise BadName("; ".join(error.messages)) from error
    account.save()
    audit.record(actor, AuditAction.IDENTITY_ACCOUNT_CREATED, account.subject, detail=_named(account))
    emit(IdentityEvent.ACCOUNT_ADDED, account.subject, {"user": username, "role": account.role, "by": actor.name})
    return account, password


@transaction.atomic
def reset_access(account: Account, *, actor: Actor, reason: str, now: datetime | None = None) -> str:
    """Take password and factors from `account`, end its sessions, and give a one-time password to enrol anew."""
    password = one_time_password()
    account.set_password(password)
    account.password_chosen_at, account.enrol_until = None, (now or read_clock()) + ENROLMENT_LASTS
    account.save(update_fields=["password", "password_chosen_at", "enrol_until"])
    sign_in.end_sessions(account, why="reset", actor=actor)
    for factor in Authenticator.objects.filter(user=account):
        sign_in.factor_removed(account, factor.type, actor=actor, reason=reason)
        factor.delete()
    audit.record(actor, AuditAction.IDENTITY_PASSWORD_CHANGED, account.subject, reason=reason)
    emit(IdentityEvent.PASSWORD_CHANGED, account.subject, {"user": account.username})
    return password


@transaction.atomic
def disable_account(account: Account, *, actor: Actor, reason: str) -> None:
    """Let `account` sign in no more, and end its sessions: what ends here is not alive again after `enable_account`."""
    account.is_active = False
    account.save(update_fields=["is_active"])
    sign_in.end_sessions(account, why="disabled", actor=actor)
    audit.record(actor, AuditAction.IDENTITY_ACCOUNT_DISABLED, account.subject, reason=reason, detail=_named(account))


@transaction.atomic
def enable_account(account: Account, *, actor: Actor, reason: str) -> None:
    """Let a disabled `account` sign in again."""
    account.is_active = True
    account.save(update_fields=["is_active"])
    audit.record(actor, AuditAction.IDENTITY_ACCOUNT_ENABLED, account.subject, reason=reason, detail=_named(account))


@transaction.atomic
def change_role(account: Account, role: Role, *, actor: Actor, reason: str) -> None:
    """Give `account` another role, from its next request on."""
    before, account.role = account.role, role.value
    account.save(update_fields=["role"])
    detail = {**_named(account), "before": before}
    audit.record(actor, AuditAction.IDENTITY_ROLE_CHANGED, account.subject, reason=reason, detail=detail)
    facts = {"user": account.username, "role": account.role, "before": before, "by": actor.name}
    emit(IdentityEvent.ROLE_CHANGED, account.subject, facts)


def choose_language(account: Account, language: str) -> None:
    """Remember in which language `account` reads."""
    Account.objects.filter(pk=account.pk).update(language=language)


def one_time_password() -> str:
    """About 99 random bits that people can read out: `k7mqp-…`, no letters that look alike."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _named(account: Account) -> dict[str, object]:
    return {"username": account.username, "role": account.role}
