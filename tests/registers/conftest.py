"""A register of the house's own kind, and whoever keeps it."""

from collections.abc import Mapping
from datetime import date

import pytest

from senim.audit.operations import Actor
from senim.governance.registers import DOCUMENTS
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.instance import Profile
from senim.registers import operations
from senim.registers.models import Version
from senim.registers.register import Register

KEEPER = Actor.process("test")
REVIEW = date(2027, 6, 30)
POLICY = {
    "title_kk": "Ақпараттық қауіпсіздік саясаты",
    "title_ru": "Политика информационной безопасности",
    "number": "АҚ-01",
    "approved_by": "Басқарма",
    "approved_on": "2026-01-15",
    "in_force_from": "2026-02-01",
    "in_force_until": "",
    "replaces": "",
    "sha256": "ab" * 32,
}


@pytest.fixture
def owner(db: None) -> Account:
    """Who answers for entries."""
    return Account.objects.create(
        username="gulnar", full_name="Гүлнәр", role=Role.HEAD_OF_IS.value, born_in=Profile.DEMONSTRATION.value
    )


@pytest.fixture
def policy(owner: Account) -> Version:
    """One internal document."""
    return add_document(owner)


def put(register: Register, facts: Mapping[str, str], owner: Account) -> Version:
    """An entry of `register`."""
    return operations.add(register, facts, owner=owner, review_on=REVIEW, reason="adopted", actor=KEEPER)


def add_document(owner: Account, **facts: str) -> Version:
    """A document like the policy, with `facts` of its own."""
    return put(DOCUMENTS, {**POLICY, **facts}, owner)


def change_document(version: Version, *, reason: str = "new wording", **facts: str) -> Version:
    """The next version of the document, with `facts` of its own."""
    return operations.change(
        DOCUMENTS,
        version.entry,
        {**version.facts, **facts},
        seen=version.number,
        owner=version.owner,
        review_on=version.review_on,
        reason=reason,
        actor=KEEPER,
    )
