"""What tests of accounts share."""

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Passwords are hashed as in production, with less work."""
    settings.PASSWORD_HASHERS = ["tests.staff.QuickArgon2"]
