"""An event in several lines is understood however frames cut it, and exactly as far as it was accepted."""

from pathlib import Path

import pytest
from django.db import transaction

from senim.telemetry import operations
from senim.telemetry.frames import Frame
from senim.telemetry.models import Ledger
from tests.detection.watch import frame_of

pytestmark = pytest.mark.django_db
RECORDED = (Path(__file__).parent / "recorded" / "auditd-3.0.9.log").read_bytes().splitlines()


def executed(*frames: Frame) -> list[object]:
    """The files of which is said that they were executed."""
    found = []
    for frame in frames:
        with transaction.atomic():
            understood = operations.understand(frame, operations.accept(frame))
        found += [seen.fields["path"] for _, seen in understood if seen.fields["action"] == "file-executed"]
    return found


def frame(first: int, last: int) -> Frame:
    return frame_of(RECORDED[first - 1 : last], kind="auditd", first=first)


@pytest.mark.parametrize("cut", [5, 9, 14, 15, 16])
def test_two_frames_tell_what_one_does(cut: int) -> None:
    assert executed(frame(1, cut), frame(cut + 1, len(RECORDED))) == ["/srv/uploads/na me", "/srv/uploads/a.sh"]


def test_a_frame_that_comes_twice_tells_once() -> None:
    whole = frame(1, len(RECORDED))
    assert executed(whole, whole) == ["/srv/uploads/na me", "/srv/uploads/a.sh"]


def test_what_rolls_back_is_remembered_by_nobody() -> None:
    first = frame(1, 15)
    with transaction.atomic():
        operations.understand(first, operations.accept(first))
        transaction.set_rollback(True)
    assert not Ledger.objects.exists()
    assert executed(first, frame(16, len(RECORDED))) == ["/srv/uploads/na me", "/srv/uploads/a.sh"]


def test_lines_that_stand_for_themselves_leave_nothing_behind() -> None:
    one = frame_of(["Failed password for root from 192.0.2.7 port 50122 ssh2"], kind="sshd")
    with transaction.atomic():
        ((_, seen),) = operations.understand(one, operations.accept(one))
    assert seen.fields["action"] == "password-failed"
    assert bytes(Ledger.objects.get().unfinished) == b""
