"""Second factors are unreadable at rest, and a code is good for one use."""

from datetime import timedelta

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.db import connection

from senim.identity import factors
from senim.kit.clock import now
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Staff:
    return new_staff()


def everything_in(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own table
        return repr(cursor.fetchall())


def test_the_table_shows_no_secret_and_no_recovery_seed(staff: Staff) -> None:
    codes = RecoveryCodes.activate(staff.account)
    seed = factors.Factors().decrypt(codes.instance.data["seed"])
    kept = everything_in("mfa_authenticator")
    assert staff.secret not in kept
    assert seed not in kept
    assert not any(code in kept for code in codes.generate_codes())


def test_a_tampered_secret_is_refused_loudly(staff: Staff) -> None:
    factor = Authenticator.objects.get(user=staff.account)
    factor.data["secret"] = "gAAAA" + factor.data["secret"][5:-4] + "AAA="
    factor.save()
    with pytest.raises(InvalidToken):
        factors.accept(staff.account, staff.code)


def test_another_implementation_shows_the_same_codes(staff: Staff) -> None:
    moment = now()
    assert factors.code_at(staff.secret, moment) == pyotp.TOTP(staff.secret).at(moment)


def test_a_code_is_taken_once(staff: Staff) -> None:
    moment = now()
    code = factors.code_at(staff.secret, moment)
    assert factors.accept(staff.account, code, now=moment)
    assert factors.accept(staff.account, code, now=moment) is None


def test_an_earlier_code_is_not_taken_after_a_later_one(staff: Staff) -> None:
    moment = now()
    earlier = factors.code_at(staff.secret, moment - timedelta(seconds=factors.STEP_SECONDS))
    assert factors.accept(staff.account, factors.code_at(staff.secret, moment), now=moment)
    assert factors.accept(staff.account, earlier, now=moment) is None


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(staff: Staff, steps: int, taken: bool) -> None:
    moment = now()
    code = factors.code_at(staff.secret, moment + timedelta(seconds=steps * factors.STEP_SECONDS))
    assert bool(factors.accept(staff.account, code, now=moment)) is taken


@pytest.mark.parametrize("code", ["", "000", "абвгде", "１２３４５６", "0" * 500])
def test_nonsense_is_refused(staff: Staff, code: str) -> None:
    assert factors.accept(staff.account, code) is None


def test_a_recovery_code_is_taken_once(staff: Staff) -> None:
    code = RecoveryCodes.activate(staff.account).generate_codes()[0]
    assert factors.accept(staff.account, code)
    assert factors.accept(staff.account, code) is None


def test_somebody_elses_code_is_refused(staff: Staff) -> None:
    other = new_staff(username="other")
    assert factors.accept(staff.account, other.code) is None
