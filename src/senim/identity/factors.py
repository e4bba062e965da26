"""Second factors: encrypted at rest, each code good for one use.

Clauses: R228/81-16 (two of three factors; staff keep the rule that the law sets for clients).

allauth keeps and asks for factors; here stands what it leaves to its users: encryption, and a replay guard that does
not depend on a cache (RFC 6238 §5.2: the verifier must not accept the second attempt of a code).
"""

import base64
import hmac
import secrets
from datetime import datetime

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from senim.identity.internal.vault import cipher
from senim.identity.models import Account
from senim.kit.clock import now as read_clock

STEP_SECONDS = 30
_DIGITS = 6
_SECRET_BYTES = 20
_EITHER_SIDE = 1
"""Steps before and after the present one that are accepted: people type slowly, clocks differ."""
_LAST = "last_step"


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks about factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong or was used already. Wait for the next one and type it."),
        "cannot_generate_recovery_codes": _("Set up the authenticator first."),
    }

    def encrypt(self, text: str) -> str:
        """`text` as it is kept."""
        return cipher("factors").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given. Raises `InvalidToken` where the row was tampered with."""
        return cipher("factors").decrypt(encrypted_text).decode()

    def get_totp_issuer(self) -> str:
        """The name under which an authenticator app shows the account."""
        return "Senim"


def new_secret() -> str:
    """A fresh TOTP secret: 160 bits, base32 (RFC 4226 §4, R6)."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, moment: datetime) -> str:
    """The one-time code of `secret` at `moment` (RFC 6238)."""
    return _code(secret, _step(moment))


def has_one(account: Account) -> bool:
    """Whether `account` has an authenticator set up."""
    return bool(Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists())


def install(account: Account, secret: str) -> Authenticator:
    """Give `account` the authenticator `secret`, in place of the one it has."""
    Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).delete()
    kept = {"secret": Factors().encrypt(secret)}
    return Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data=kept)


@transaction.atomic
def accept(account: Account, code: str, *, now: datetime | None = None) -> Authenticator | None:
    """The factor that `code` belongs to, the code being spent with it; None for a wrong or spent code."""
    typed = "".join(code.split())
    for factor in Authenticator.objects.select_for_update().filter(user=account):
        if factor.type == Authenticator.Type.TOTP and _spend(factor, typed, now or read_clock()):
            return factor
        if factor.type == Authenticator.Type.RECOVERY_CODES and RecoveryCodes(factor).validate_code(typed):
            return factor
    return None


def _spend(factor: Authenticator, code: str, now: datetime) -> bool:
    secret = Factors().decrypt(factor.data["secret"])
    present = _step(now)
    for step in range(present - _EITHER_SIDE, present + _EITHER_SIDE + 1):
        if step > factor.data.get(_LAST, 0) and hmac.compare_digest(_code(secret, step).encode(), code.encode()):
            factor.data[_LAST] = step
            factor.save(update_fields=["data"])
            return True
    return False


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def _code(secret: str, step: int) -> str:
    generator = HOTP(base64.b32decode(secret), _DIGITS, SHA1(), enforce_key_length=False)  # noqa: S303 - RFC 6238's default, what authenticator apps know
    return generator.generate(step).decode()
