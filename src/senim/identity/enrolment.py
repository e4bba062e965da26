"""Setting up the authenticator, and putting another in its place.

Clauses: R228/81-16 (two of three factors; staff keep the rule that the law sets for clients).

At no moment does an enrolled account stand with one factor: the old authenticator is good until the first code of the
new one has been accepted, and both change in one transaction.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction

from senim.identity import factors, sign_in
from senim.identity.errors import AlreadyEnrolled
from senim.identity.models import Account

_TOTP, _CODES = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


@transaction.atomic
def set_up(account: Account, secret: str, code: str) -> Authenticator:
    """Give `account` its authenticator and recovery codes, and spend the first `code`: with that it is enrolled.

    Raises `AlreadyEnrolled` where it has one: a password alone never changes the second factor.
    """
    _one_at_a_time(account)
    # R228/81-16: two factors of three. Whoever has shown one of them sets up the other, once.
    if factors.has_one(account):
        raise AlreadyEnrolled
    return _install(account, secret, code)


@transaction.atomic
def replace(account: Account, secret: str, code: str, *, session: str) -> Authenticator:
    """Put a new authenticator and new recovery codes in the place of those that `account` has.

    To be called from a session that has shown the old factor just now; its row is `session`, and all others end.
    """
    _one_at_a_time(account)
    for factor in Authenticator.objects.filter(user=account):
        sign_in.factor_removed(account, factor.type)
        factor.delete()
    sign_in.end_sessions(account, but=session, why="factor-replaced")
    return _install(account, secret, code)


@transaction.atomic
def renew_recovery_codes(account: Account) -> None:
    """Give `account` new recovery codes; the old ones are good for nothing from now on."""
    _one_at_a_time(account)
    for codes in Authenticator.objects.filter(user=account, type=_CODES):
        sign_in.factor_removed(account, _CODES)
        codes.delete()
    _install_codes(account)


def _one_at_a_time(account: Account) -> None:
    Account.objects.select_for_update().get(pk=account.pk)


def _install(account: Account, secret: str, code: str) -> Authenticator:
    factor = factors.install(account, secret)
    sign_in.factor_added(account, _TOTP)
    _install_codes(account)
    account.enrol_until = None
    account.save(update_fields=["enrol_until"])
    # The form has checked the code; where its half minute has run out since then, nothing is left to spend.
    return factors.accept(account, code) or factor


def _install_codes(account: Account) -> None:
    RecoveryCodes.activate(account)
    sign_in.factor_added(account, _CODES)
