"""An installation that watches a website and a portal, whose samples the bureau's own monitor pushes."""

import tomllib
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.instance import Instance, Profile
from tests.registers.conftest import owner

__all__ = ["owner"]

SERVICES = """
exercise_source = "monitor"
services = [
    { name = "web", title = "Website", pushed = "monitor", interval = 60, targets = ["web-1"] },
    { name = "portal", title = { kk = "Портал", ru = "Портал", en = "Portal" }, pushed = "monitor" },
    { name = "core", title = "Core", pushed = "prober" },
]
"""


@pytest.fixture
def services(settings: Settings, instance: Instance) -> Instance:
    """Name the services; the instance that does."""
    named = replace(instance, _tables={**instance._tables, "availability": tomllib.loads(SERVICES)})
    settings.SENIM_INSTANCE = named
    return named


@pytest.fixture
def staff() -> Callable[[Role], Account]:
    """An account of the staff with this role."""

    def make(role: Role) -> Account:
        return Account.objects.create(
            username=f"test-{role.value}", full_name="Test", role=role.value, born_in=Profile.DEMONSTRATION.value
        )

    return make
