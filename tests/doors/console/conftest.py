"""What tests of the console share: records that its pages show."""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from senim.audit.operations import Actor
from senim.detection.models import Alert
from senim.history import standing
from senim.history.history import PROCESS
from senim.history.internal.table import Table
from senim.history.standing import Standing
from senim.incidents.models import Incident
from senim.incidents.operations import open_from_alert
from senim.kit.clock import iso, now
from senim.kit.instance import Instance

LINE = "Nov 22 23:40:05 app-01 sshd[4711]: Accepted password for deploy from 203.0.113.24 port 55122 ssh2"


def new_alert(**fields: object) -> Alert:
    """An alert of unauthorised access, with one line of evidence."""
    moment = now()
    known = {
        "rule_id": "5e0d6a9c-0d3a-4b39-9c5e-0a1a4b5f2c11",
        "rule_title": "Password accepted after many failures",
        "kind": 2,
        "level": "high",
        "target": "app-01.ulgi.kz",
        "actor": "203.0.113.24",
        "account": "deploy",
        "source": "sshd",
        "first_at": moment - timedelta(seconds=9),
        "last_at": moment - timedelta(seconds=4),
        "count": 6,
        "explanation": {},
        "evidence": [
            {
                "source": "sshd",
                "epoch": "e1",
                "seq": 7,
                "at": iso(moment),
                "sha256": hashlib.sha256(LINE.encode()).hexdigest(),
                "text": LINE,
            }
        ],
    }
    return Alert.objects.create(**{**known, **fields})


def new_incident(**fields: object) -> Incident:
    """An incident opened from such an alert, with its message queued."""
    with transaction.atomic():
        return open_from_alert(new_alert(**fields), actor=Actor.process("worker"))


@pytest.fixture
def incident() -> Incident:
    """One open incident."""
    return new_incident()


@pytest.fixture
def history(instance: Instance) -> Iterator[Table]:
    """The event history of the instance that tests run in: empty, and up to date."""
    state = instance.state(PROCESS)
    standing.write(state, Standing(now()))
    yield Table(state)
    shutil.rmtree(state)
    state.mkdir(mode=0o700)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Passwords are hashed as in production, with less work."""
    settings.PASSWORD_HASHERS = ["tests.staff.QuickArgon2"]
