"""Accounts are made, reset, disabled and judged; every act leaves its row."""

from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import override_settings

import senim
from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.events.models import Event
from senim.events.vocabulary.identity import IdentityEvent
from senim.identity import checks, operations, queries
from senim.identity.errors import AccountExists, BadName, NoSuchAccount
from senim.identity.models import Account
from senim.identity.permissions import GRANTED, Permission, Role
from senim.kit.instance import Instance, Profile
from tests.staff import PASSWORD, new_staff

pytestmark = pytest.mark.django_db
CODE = Path(senim.__file__).parent
OPERATOR = Actor.process("operator")


@pytest.fixture
def production(tmp_path: object, instance: Instance) -> Instance:
    return Instance(instance.home, Profile.PRODUCTION, {})


def acts(account: Account) -> list[str]:
    return list(AuditRow.objects.filter(subject=account.subject).values_list("action", flat=True))


def test_a_new_account_has_a_one_time_password_and_must_enrol() -> None:
    account, password = operations.add_account("ayan", "Аян Серік", Role.ANALYST, actor=OPERATOR)
    assert account.check_password(password)
    assert queries.next_step(account) == "password"
    assert acts(account) == [AuditAction.IDENTITY_ACCOUNT_CREATED]


def test_a_name_is_given_once_whatever_its_case() -> None:
    operations.add_account("ayan", "Аян", Role.ANALYST, actor=OPERATOR)
    with pytest.raises(AccountExists):
        operations.add_account("AYAN", "Аян", Role.AUDITOR, actor=OPERATOR)


@pytest.mark.parametrize(
    "name", ["two words", "", "аян", "ayan\N{ZERO WIDTH SPACE}", "admınistrator", ".ayan", "a;=1", "x" * 151]
)
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        operations.add_account(name, "Аян", Role.ANALYST, actor=OPERATOR)
    assert not Account.objects.exists()


@pytest.mark.parametrize("typed", ["ayan.s-1@ulgi+x_", "AYAN.S-1@ulgi+x_", "ａyan.s-1@ulgi+x_"])
def test_a_name_has_one_form(typed: str) -> None:
    account, _password = operations.add_account(typed, "Аян", Role.ANALYST, actor=OPERATOR)
    assert account.username == "ayan.s-1@ulgi+x_"
    assert queries.account(typed) == account


@pytest.mark.parametrize("name", ["Ayan", "аян", "ſ"])
def test_the_database_itself_takes_no_name_of_another_form(name: str) -> None:
    account = new_staff(username="ayan").account
    account.username = name
    with pytest.raises(IntegrityError), transaction.atomic():
        account.save()


def test_the_one_time_password_ends() -> None:
    account, _password = operations.add_account("ayan", "Аян", Role.ANALYST, actor=OPERATOR)
    end = account.enrol_until
    assert end is not None
    assert queries.may_sign_in(account, now=end - timedelta(seconds=1))
    assert not queries.may_sign_in(account, now=end)


def test_a_reset_takes_password_and_factors() -> None:
    account = new_staff().account
    password = operations.reset_access(account, actor=OPERATOR, reason="phone lost")
    assert account.check_password(password)
    assert not account.check_password(PASSWORD)
    assert not Authenticator.objects.filter(user=account).exists()
    assert acts(account) == [AuditAction.IDENTITY_FACTOR_REMOVED, AuditAction.IDENTITY_PASSWORD_CHANGED]


def test_a_chosen_password_alone_opens_the_way_to_enrolment_for_a_day_only() -> None:
    account = new_staff(enrolled=False).account
    end = account.enrol_until
    assert end is not None
    assert queries.may_sign_in(account, now=end - timedelta(seconds=1))
    assert not queries.may_sign_in(account, now=end)


def test_an_enrolled_account_without_its_factor_is_refused() -> None:
    account = new_staff().account
    Authenticator.objects.all().delete()
    assert not queries.may_sign_in(account)


def test_a_disabled_account_may_do_nothing() -> None:
    account = new_staff(Role.HEAD_OF_IS).account
    operations.disable_account(account, actor=OPERATOR, reason="left")
    assert not queries.may_sign_in(account)
    assert not account.may(Permission.INCIDENTS_INCIDENT_READ)
    operations.enable_account(account, actor=OPERATOR, reason="back")
    assert queries.may_sign_in(account)


def test_a_changed_role_is_recorded_with_the_one_before() -> None:
    account = new_staff(Role.ANALYST).account
    operations.change_role(account, Role.AUDITOR, actor=OPERATOR, reason="moved")
    row = AuditRow.objects.get(subject=account.subject)
    assert (row.detail["before"], row.detail["role"], row.reason) == ("analyst", "auditor", "moved")


@pytest.mark.clause("R228/81-2")
def test_a_new_account_and_a_changed_role_are_news() -> None:
    account, password = operations.add_account("ayan", "Аян Серік", Role.ANALYST, actor=OPERATOR)
    operations.change_role(account, Role.ADMINISTRATOR, actor=OPERATOR, reason="promoted")
    news = Event.objects.filter(tag__in=[IdentityEvent.ACCOUNT_ADDED, IdentityEvent.ROLE_CHANGED]).order_by("pk")
    assert [event.payload for event in news] == [
        {"user": "ayan", "role": "analyst", "by": "operator"},
        {"user": "ayan", "role": "administrator", "before": "analyst", "by": "operator"},
    ]
    assert password not in str([event.payload for event in news])


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(NoSuchAccount):
        queries.account("nobody")


def test_accounts_born_in_a_demonstration_are_refused_by_production(production: Instance) -> None:
    born_there = new_staff().account
    born_here = new_staff(username="real", born_in=Profile.PRODUCTION.value).account
    assert queries.may_sign_in(born_there)
    with override_settings(SENIM_INSTANCE=production):
        assert not queries.may_sign_in(born_there)
        assert queries.may_sign_in(born_here)


def test_production_names_what_is_wrong_with_its_accounts(production: Instance) -> None:
    new_staff(Role.ANALYST)
    found = {finding.name: str(finding.reason) for finding in (*checks.findings(production), *checks.wanting())}
    assert set(found) == {"identity:demonstration-accounts", "identity:no-administrator"}
    assert "analyst" in found["identity:demonstration-accounts"]


def test_a_production_with_its_own_administrator_is_in_order(production: Instance) -> None:
    new_staff(Role.ADMINISTRATOR, born_in=Profile.PRODUCTION.value)
    assert checks.findings(production) == []


def test_a_demonstration_is_not_asked(instance: Instance) -> None:
    new_staff(Role.ANALYST)
    assert checks.findings(instance) == []


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (
            Role.ADMINISTRATOR,
            (
                "asoi:message:read availability:maintenance:announce incidents:exercise:declare"
                " incidents:incident:read oncall:list:edit oncall:page:answer telemetry:source:read"
            ),
        ),
        (
            Role.ANALYST,
            (
                "annual-report:report:read asoi:message:carry asoi:message:read availability:cause:decide"
                " history:event:read incidents:alert:decide incidents:incident:close incidents:incident:correct"
                " incidents:incident:divide incidents:incident:read incidents:incident:withdraw"
                " incidents:incident:work oncall:page:answer registers:entry:change registers:entry:read"
                " telemetry:loss:acknowledge telemetry:source:read"
            ),
        ),
        (
            Role.AUDITOR,
            (
                "annual-report:report:read asoi:message:export asoi:message:read audit:log:read history:event:read"
                " incidents:incident:read registers:entry:read telemetry:source:read"
            ),
        ),
        (
            Role.HEAD_OF_IS,
            (
                "annual-report:report:file annual-report:report:read"
                " asoi:message:carry asoi:message:export asoi:message:read audit:log:read"
                " availability:cause:decide availability:maintenance:announce history:event:read"
                " incidents:alert:decide incidents:incident:close incidents:incident:correct"
                " incidents:incident:divide incidents:incident:read incidents:incident:withdraw"
                " incidents:incident:work oncall:list:edit oncall:page:answer registers:entry:change"
                " registers:entry:read telemetry:loss:acknowledge telemetry:source:read"
            ),
        ),
    ],
)
def test_what_each_role_may_do(role: Role, granted: str) -> None:
    assert " ".join(sorted(GRANTED[role])) == granted


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_asked_for_somewhere(permission: Permission) -> None:
    asked = [
        path
        for path in CODE.rglob("*.py")
        if path.name != "permissions.py" and f".{permission.name}" in path.read_text()
    ]
    assert asked
