"""An account without a second factor sets one up and reaches nothing else."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.identity import enrolment, factors, operations
from senim.identity.errors import AlreadyEnrolled
from senim.identity.models import Account, Session
from senim.identity.permissions import Role
from senim.kit.clock import now
from tests.staff import SIGN_IN, Staff, new_client, new_staff

pytestmark = pytest.mark.django_db
CHOOSE, SET_UP, CODES = "/kk/security/password/", "/kk/security/authenticator/", "/kk/security/recovery-codes/"
REPLACE = "/en/security/authenticator/replace/"
CHOSEN = "a-password-of-my-own"


@pytest.fixture
def newcomer() -> tuple[Account, str]:
    return operations.add_account("ayan", "Аян Серік", Role.ADMINISTRATOR, actor=Actor.process("operator"))


def gives_one_time_password(client: Client, newcomer: tuple[Account, str]) -> None:
    answer = client.post(SIGN_IN, {"login": "ayan", "password": newcomer[1]})
    assert answer.headers["Location"] == "/kk/"


def secret_on(page: str) -> str:
    found = re.search(r'<p class="secret"[^>]*>([A-Z2-7 ]+)</p>', page)
    assert found
    return found[1].replace(" ", "")


def test_the_whole_way_in(newcomer: tuple[Account, str]) -> None:
    client, account = new_client(), newcomer[0]
    gives_one_time_password(client, newcomer)
    assert client.get("/kk/").headers["Location"] == CHOOSE
    client.post(CHOOSE, {"oldpassword": newcomer[1], "password1": CHOSEN, "password2": CHOSEN})
    assert client.get("/kk/").headers["Location"] == SET_UP
    secret = secret_on(client.get(SET_UP).content.decode())
    done = client.post(SET_UP, {"code": factors.code_at(secret, now())})
    assert done.headers["Location"] == CODES
    shown = client.get(CODES).content.decode()
    assert len(re.findall(r"<li>\d{10}</li>", shown)) == 10
    assert client.get("/kk/").status_code == 200
    assert not re.findall(r"\d{10}", client.get(CODES).content.decode()), "recovery codes are shown once"
    acts = list(AuditRow.objects.filter(subject=account.subject).values_list("action", flat=True))
    assert acts == [
        AuditAction.IDENTITY_ACCOUNT_CREATED,
        AuditAction.IDENTITY_SESSION_STARTED,
        AuditAction.IDENTITY_PASSWORD_CHANGED,
        AuditAction.IDENTITY_FACTOR_ADDED,
        AuditAction.IDENTITY_FACTOR_ADDED,
    ]


def test_the_first_code_is_spent_by_enrolling(newcomer: tuple[Account, str]) -> None:
    client = new_client()
    gives_one_time_password(client, newcomer)
    client.post(CHOOSE, {"oldpassword": newcomer[1], "password1": CHOSEN, "password2": CHOSEN})
    secret = secret_on(client.get(SET_UP).content.decode())
    code = factors.code_at(secret, now())
    client.post(SET_UP, {"code": code})
    assert factors.accept(newcomer[0], code) is None


def test_a_wrong_first_code_sets_nothing_up(newcomer: tuple[Account, str]) -> None:
    client = new_client()
    gives_one_time_password(client, newcomer)
    client.post(CHOOSE, {"oldpassword": newcomer[1], "password1": CHOSEN, "password2": CHOSEN})
    client.get(SET_UP)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_the_secret_of_a_half_finished_enrolment_is_not_readable_in_the_database(
    newcomer: tuple[Account, str],
) -> None:
    client = new_client()
    gives_one_time_password(client, newcomer)
    client.post(CHOOSE, {"oldpassword": newcomer[1], "password1": CHOSEN, "password2": CHOSEN})
    secret = secret_on(client.get(SET_UP).content.decode())
    assert not any(secret in row.session_data for row in Session.objects.all())


def test_the_one_time_password_is_good_for_enrolling_only_once(newcomer: tuple[Account, str]) -> None:
    client = new_client()
    gives_one_time_password(client, newcomer)
    client.post(CHOOSE, {"oldpassword": newcomer[1], "password1": CHOSEN, "password2": CHOSEN})
    again = new_client().post(SIGN_IN, {"login": "ayan", "password": newcomer[1]})
    assert again.status_code == 200


@pytest.mark.parametrize("weak", ["short", "password1234", "Аян Серік 1", "алма"])
def test_weak_passwords_are_refused(newcomer: tuple[Account, str], weak: str) -> None:
    client = new_client()
    gives_one_time_password(client, newcomer)
    assert client.post(CHOOSE, {"oldpassword": newcomer[1], "password1": weak, "password2": weak}).status_code == 200
    newcomer[0].refresh_from_db()
    assert newcomer[0].check_password(newcomer[1])


class TestReplacingTheAuthenticator:
    """The old factor is good until the new one has shown its first code; a password alone changes nothing."""

    @pytest.fixture
    def staff(self) -> Staff:
        return new_staff(Role.ANALYST)

    @pytest.fixture
    def client(self, staff: Staff) -> Client:
        return staff.signs_in()

    def test_opening_the_page_and_a_wrong_code_leave_everything_as_it_was(self, staff: Staff, client: Client) -> None:
        client.get(REPLACE)
        assert client.post(REPLACE, {"code": "000000"}).status_code == 200
        assert client.post(REPLACE).status_code == 200
        assert staff.signs_in().get("/en/").status_code == 200
        assert not AuditRow.objects.filter(action=AuditAction.IDENTITY_FACTOR_REMOVED).exists()

    def test_meanwhile_the_password_alone_enrols_nobody(self, staff: Staff, client: Client) -> None:
        client.get(REPLACE)
        stranger = new_client()
        assert staff.gives_password(stranger).headers["Location"] == "/en/sign-in/code/"
        assert stranger.get("/en/security/authenticator/").headers["Location"].startswith(SIGN_IN)
        assert factors.accept(staff.account, staff.code)

    def test_the_first_code_swaps_authenticator_and_recovery_codes(self, staff: Staff, client: Client) -> None:
        former = RecoveryCodes.activate(staff.account).generate_codes()
        secret = secret_on(client.get(REPLACE).content.decode())
        assert secret != staff.secret
        done = client.post(REPLACE, {"code": factors.code_at(secret, now())})
        assert done.headers["Location"] == "/en/security/recovery-codes/"
        shown = re.findall(r"<li>(\d{10})</li>", client.get(done.headers["Location"]).content.decode())
        assert len(shown) == 10
        assert not set(shown) & set(former)
        assert factors.accept(staff.account, staff.code) is None
        assert {each.type for each in Authenticator.objects.filter(user=staff.account)} == {"totp", "recovery_codes"}
        staff.secret = secret
        staff.forget_spent_codes()
        assert staff.signs_in().get("/en/").status_code == 200

    def test_it_ends_the_other_sessions_and_leaves_its_rows(self, staff: Staff, client: Client) -> None:
        elsewhere = staff.signs_in()
        began = AuditRow.objects.count()
        secret = secret_on(client.get(REPLACE).content.decode())
        client.post(REPLACE, {"code": factors.code_at(secret, now())})
        assert elsewhere.get("/en/").status_code == 302
        assert client.get("/en/").status_code == 200
        assert [(row.action, row.detail) for row in AuditRow.objects.all()[began:]] == [
            (AuditAction.IDENTITY_FACTOR_REMOVED, {"factor": "totp"}),
            (AuditAction.IDENTITY_SESSION_ENDED, {"why": "factor-replaced"}),
            (AuditAction.IDENTITY_FACTOR_ADDED, {"factor": "totp"}),
            (AuditAction.IDENTITY_FACTOR_ADDED, {"factor": "recovery_codes"}),
        ]

    def test_the_page_of_the_first_set_up_leads_here(self, client: Client) -> None:
        assert client.get("/en/security/authenticator/").headers["Location"] == REPLACE

    def test_two_who_enrol_at_once_do_not_replace_each_other(self, staff: Staff) -> None:
        with pytest.raises(AlreadyEnrolled):
            enrolment.set_up(staff.account, factors.new_secret(), "000000")


class TestAFreshFactor:
    """What touches factors asks for a code that was shown just now."""

    @pytest.fixture
    def staff(self) -> Staff:
        return new_staff(Role.ANALYST)

    @pytest.fixture
    def stale(self, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Client:
        client = staff.signs_in()
        monkeypatch.setattr("senim.identity.guard.FRESH_SECONDS", 0)
        return client

    @pytest.mark.parametrize("page", ["authenticator/replace/", "recovery-codes/new/"])
    def test_it_is_asked_for(self, stale: Client, page: str) -> None:
        address = f"/en/security/{page}"
        for answer in (stale.get(address), stale.post(address)):
            assert answer.headers["Location"].partition("?")[0] == "/en/security/code/"
        assert Authenticator.objects.count() == 1

    def test_a_spent_code_is_not_fresh(self, staff: Staff) -> None:
        client = staff.signs_in()
        code = staff.code
        assert factors.accept(staff.account, code)
        assert "wrong or was used already" in client.post("/en/security/code/", {"code": code}).content.decode()
