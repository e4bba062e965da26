"""The house hears when a certificate of the channel ends: early on its pages, at the last by waking somebody."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import channel_checks
from senim.asoi.internal.endings import note
from senim.asoi.models import Ending
from senim.kit.checks import Asked, Check
from senim.kit.clock import now
from senim.kit.crypto import keys
from senim.kit.instance import Instance
from tests.asoi.copies import copy_of
from tests.kit.certificates import DAY, Identity

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81")]
EARLY, LATE = (
    next(check for check in channel_checks.CHECKS if check.name == name) for name in ("asoi:ending", "asoi:ending-now")
)
SIGNING = "regulator/signing"


@pytest.fixture
def copy(instance: Instance, tmp_path: Path) -> Instance:
    return copy_of(instance, tmp_path)


def put(copy: Instance, *identities: Identity) -> None:
    """Let these be the regulator's signing certificates, and let the channel's process look."""
    path = copy.home / "trust/regulator/signing.crt"
    path.write_bytes(b"".join(one.certificate.public_bytes(Encoding.PEM) for one in identities))
    note(copy)


def ending_in(days: float, *, starts: timedelta = -DAY) -> Identity:
    return Identity(keys.new_ec(), "signing", starts=starts, ends=days * DAY)


def told(copy: Instance, check: Check, at: datetime | None = None) -> list[str]:
    return [str(fault.what) for fault in check.find(Asked(copy, at or now())) if SIGNING in str(fault.what)]


@pytest.mark.parametrize(("days", "early", "late"), [(31, 0, 0), (29, 1, 0), (3.1, 1, 0), (2.9, 1, 1)])
def test_pages_say_so_a_month_before_and_somebody_is_woken_three_days_before(
    copy: Instance, days: float, early: int, late: int
) -> None:
    put(copy, ending_in(days))
    assert (len(told(copy, EARLY)), len(told(copy, LATE))) == (early, late)


@pytest.mark.refusal
def test_one_that_has_ended_is_told_of_as_such(copy: Instance) -> None:
    put(copy, ending_in(1))
    (what,) = told(copy, LATE, now() + 2 * DAY)
    assert "ended on" in what


@pytest.mark.parametrize(("starts", "number"), [(-DAY, 0), (2 * DAY, 0), (4 * DAY, 1)])
def test_a_successor_that_begins_in_time_ends_the_alarm(copy: Instance, starts: timedelta, number: int) -> None:
    put(copy, ending_in(90, starts=starts), ending_in(2.5))
    assert len(told(copy, LATE)) == number


def test_what_is_not_there_any_more_is_forgotten(copy: Instance) -> None:
    note(copy)
    Ending.objects.create(name="former", ends_at=now())
    note(copy)
    assert "former" not in set(Ending.objects.values_list("name", flat=True))
    assert Ending.objects.filter(name__contains=SIGNING).count() == 1
