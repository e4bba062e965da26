"""The people of a demonstration: made once, able to sign in, refused everywhere else."""

import pytest
from django.test import override_settings

from senim.annual_report.sections import REGISTERS
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.identity import demonstration, factors, operations, queries
from senim.identity.demonstration import NotADemonstration, Person
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Instance, Profile
from senim.registers.queries import as_of
from senim.site.demonstration import ensure_people, people
from tests.staff import new_staff

pytestmark = pytest.mark.django_db
SUPERVISOR = Actor.process("supervisor")


@pytest.fixture
def person() -> Person:
    return Person("analyst", "Айгерім Нұрланова", Role.ANALYST, "kk", "a-long-password", factors.new_secret())


def test_an_account_is_made_whole_and_only_once(person: Person) -> None:
    account = demonstration.ensure(person, actor=SUPERVISOR)
    rows = AuditRow.objects.count()
    assert demonstration.ensure(person, actor=SUPERVISOR) == account
    assert AuditRow.objects.count() == rows
    assert account.check_password("a-long-password")
    assert factors.has_one(account)


def test_new_secrets_replace_the_old_ones(person: Person) -> None:
    demonstration.ensure(person, actor=SUPERVISOR)
    other = Person(**{**{n: getattr(person, n) for n in person.__struct_fields__}, "password": "another-password"})
    assert demonstration.ensure(other, actor=SUPERVISOR).check_password("another-password")


def test_somebody_who_was_reset_is_made_whole_again(person: Person) -> None:
    account = demonstration.ensure(person, actor=SUPERVISOR)
    operations.reset_access(account, actor=SUPERVISOR, reason="phone lost")
    again = demonstration.ensure(person, actor=SUPERVISOR)
    assert again.enrol_until is None
    assert queries.may_sign_in(again)
    assert queries.next_step(again) == ""


def test_production_makes_none(person: Person, instance: Instance) -> None:
    with override_settings(SENIM_INSTANCE=Instance(instance.home, Profile.PRODUCTION, {})):
        with pytest.raises(NotADemonstration):
            demonstration.ensure(person, actor=SUPERVISOR)
    assert not Account.objects.exists()


def test_an_account_of_production_is_left_alone(person: Person) -> None:
    new_staff(Role.ANALYST, born_in=Profile.PRODUCTION.value)
    with pytest.raises(NotADemonstration):
        demonstration.ensure(person, actor=SUPERVISOR)


def test_the_file_is_private_and_holds_everybody(instance: Instance) -> None:
    made = ensure_people(instance)
    path = instance.home / "demo-accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert people(instance) == made
    assert {person.role for person in made} == set(Role)


def test_every_register_has_its_samples_once(instance: Instance) -> None:
    for _again in range(2):
        ensure_people(instance)
    counted = {each.name: as_of(each, now()).count() for each in REGISTERS}
    assert counted == {
        "system-scope": 1,
        "system-participants": 2,
        "documents": 1,
        "measures": 2,
        "security-tools": 1,
        "agreements": 2,
        "backup-centres": 1,
    }


def test_a_production_instance_has_no_people(instance: Instance) -> None:
    with pytest.raises(NotADemonstration):
        people(Instance(instance.home, Profile.PRODUCTION, {}))
