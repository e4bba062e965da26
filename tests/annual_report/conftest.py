"""A house whose registers hold enough for every section, and the head of its security unit."""

import time
from collections.abc import Callable
from datetime import datetime

import pytest

from senim.annual_report.composing import Composed, compose
from senim.audit.operations import Actor
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Instance, Profile
from senim.site.sample_registers import ensure_registers

OPERATOR = Actor.process("operator")
LAST_YEAR = 2025

Compose = Callable[..., Composed]


def present() -> datetime:
    """The present moment, a millisecond after all that was done before: only whole ones count for the information."""
    time.sleep(0.001)
    return now()


def new_account(role: Role) -> Account:
    return Account.objects.create(
        username=role.value, full_name="Гүлнәр", role=role.value, born_in=Profile.DEMONSTRATION.value
    )


@pytest.fixture
def head(db: None) -> Account:
    return new_account(Role.HEAD_OF_IS)


@pytest.fixture
def filled(head: Account) -> Account:
    """The registers hold their samples; every section is complete."""
    ensure_registers(head, actor=OPERATOR)
    return head


@pytest.fixture
def composed(instance: Instance, filled: Account) -> Composed:
    """Last year's information as it stands now."""
    return compose(instance, LAST_YEAR, present())
