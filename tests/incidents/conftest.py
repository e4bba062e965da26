"""Alerts and people that incidents are opened from."""

import datetime
from collections.abc import Callable

import pytest

from senim.detection.models import Alert
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Profile

MakeAlert = Callable[..., Alert]


@pytest.fixture
def raise_alert() -> MakeAlert:
    """Write an alert as detection does; every part can be said otherwise."""

    def make(**parts: object) -> Alert:
        last = parts.pop("last_at", now())
        assert isinstance(last, datetime.datetime)
        said: dict[str, object] = {
            "rule_id": "2b1ba2f8-6e0c-4d0b-9d0f-111111111111",
            "rule_title": "Many failed passwords, then one accepted",
            "kind": 2,
            "level": "high",
            "target": "core-1",
            "actor": "203.0.113.7",
            "account": "aliya",
            "source": "sshd",
            "first_at": last - datetime.timedelta(seconds=30),
            "last_at": last,
            "count": 9,
            "explanation": {},
            "evidence": [{"source": "sshd", "epoch": "e", "seq": 1, "at": "x", "sha256": "00" * 32, "text": "a line"}],
        }
        return Alert.objects.create(**{**said, **parts})

    return make


@pytest.fixture
def staff() -> Callable[[Role], Account]:
    """An account of the staff with this role."""

    def make(role: Role) -> Account:
        return Account.objects.create(
            username=f"test-{role.value}", full_name="Test", role=role.value, born_in=Profile.DEMONSTRATION.value
        )

    return make
