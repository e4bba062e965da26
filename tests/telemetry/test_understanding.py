"""An event in several lines is understood however frames cut it, and exactly as far as it was accepted."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from senim.kit.clock import now
from senim.telemetry import markers, operations
from senim.telemetry.frames import Frame
from senim.telemetry.models import Ledger, Marker
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


class TestMarkers:
    """Only what an exercise wears is a marker."""

    MARKER = "exercise-0123456789abcdef"

    def worn(self, read_at: datetime) -> object:
        row = f'{{"remote_addr":"192.0.2.7","request_method":"GET","request_uri":"/?x={self.MARKER}","status":"200"}}'
        one = frame_of([row], kind="nginx-json", read_at=read_at.timestamp())
        with transaction.atomic():
            ((_, seen),) = operations.understand(one, operations.accept(one))
        assert self.MARKER in str(seen.fields["cs-uri-query"])
        return seen.fields["marker"]

    @pytest.mark.parametrize(("later", "counts"), [(timedelta(0), True), (timedelta(milliseconds=1), False)])
    def test_it_counts_up_to_the_end_of_its_exercise(self, later: timedelta, counts: bool) -> None:
        until = now().replace(microsecond=0) + timedelta(minutes=15)
        with transaction.atomic():
            markers.declare(self.MARKER, until)
        assert self.worn(until + later) == (self.MARKER if counts else "")

    @pytest.mark.refusal
    def test_what_nobody_declared_is_none(self) -> None:
        assert self.worn(now()) == ""

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("marker", "lasts"),
        [("exercise-0123456789ABCDEF", timedelta(minutes=15)), (MARKER, timedelta(minutes=21))],
    )
    def test_the_database_keeps_them_short_and_in_their_form(self, marker: str, lasts: timedelta) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            markers.declare(marker, now() + lasts)
        assert not Marker.objects.exists()

    @pytest.mark.refusal
    def test_none_is_changed_or_taken_back(self) -> None:
        with transaction.atomic():
            markers.declare(self.MARKER, now() + timedelta(minutes=15))
        with pytest.raises(DatabaseError), transaction.atomic():
            Marker.objects.update(until=now() + timedelta(minutes=19))
