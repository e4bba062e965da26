"""Of every source it is told apart who stopped: the collector, the stream, or detection."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.pulse.models import Beat
from senim.pulse.queries import NAMES, SILENT_AFTER, Life, ProcessState
from senim.telemetry.models import Gap, Ledger, Notice
from senim.telemetry.notices import NoticeKind
from senim.telemetry.parsers.form import STRANGE
from senim.telemetry.settings import PLATFORM
from senim.telemetry.standing import MUTE_AFTER, Source, sources

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2"), pytest.mark.refusal]
MOMENT = now()
LONG_AGO = MOMENT - timedelta(hours=1)
JUST_TOO_LONG = MOMENT - SILENT_AFTER - timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def order() -> None:
    """A source `sshd` that is read and analysed."""
    Ledger.objects.create(
        source="sshd", epoch="e", kind="sshd", host="h", lines=7, last_line_at=LONG_AGO, read_until=MOMENT
    )
    Notice.objects.create(source="sshd", epoch="e", seq=1, kind=NoticeKind.COLLECTING, at=LONG_AGO)
    Beat.objects.create(process="collector", part="sshd", at=MOMENT)


def house(**lives: Life) -> dict[str, ProcessState]:
    """The processes: all at work but those that are given."""
    return {name: ProcessState(name, lives.get(name, Life.WORKS), LONG_AGO) for name in NAMES}


def seen(instance: Instance, name: str = "sshd", **lives: Life) -> Source:
    """How `name` stands."""
    with translation.override("en"):
        return next(source for source in sources(instance, house(**lives), MOMENT) if source.name == name)


def test_a_source_that_is_read_and_analysed_is_in_order(instance: Instance) -> None:
    source = seen(instance)
    assert (source.sight, source.since, source.is_in_order) == ("read", LONG_AGO, True)


def test_a_few_lines_without_form_say_nothing_of_the_source(instance: Instance) -> None:
    Ledger.objects.update(formless=STRANGE - 1, formless_since=LONG_AGO)
    assert seen(instance).is_in_order


def test_the_newest_epoch_tells_the_form(instance: Instance) -> None:
    Ledger.objects.update(formless=STRANGE, formless_since=LONG_AGO)
    Ledger.objects.create(source="sshd", epoch="f", kind="sshd", host="h", read_until=MOMENT)
    assert seen(instance).is_in_order


class TestASpeakingProgram:
    """One that says every minute that it works is blind where it does not."""

    def stand(self, name: str, *, heard: datetime | None, collecting: datetime = LONG_AGO) -> None:
        Ledger.objects.create(source=name, epoch="e", kind=name, host="h", read_until=MOMENT, last_line_at=heard)
        Notice.objects.create(source=name, epoch="e", seq=1, kind=NoticeKind.COLLECTING, at=collecting)
        Beat.objects.create(process="collector", part=name, at=MOMENT)

    @pytest.mark.parametrize("name", ["malware", "meter"])
    @pytest.mark.parametrize(("more", "blind"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
    def test_after_three_minutes(self, instance: Instance, name: str, more: timedelta, blind: bool) -> None:
        heard = MOMENT - MUTE_AFTER - more
        self.stand(name, heard=heard)
        source = seen(instance, name)
        assert (source.sight == "blind") is blind
        assert source.since == (heard if blind else LONG_AGO)

    @pytest.mark.parametrize(("since", "blind"), [(MOMENT - MUTE_AFTER, False), (LONG_AGO, True)])
    def test_one_that_was_never_heard(self, instance: Instance, since: datetime, blind: bool) -> None:
        self.stand("malware", heard=None, collecting=since)
        assert (seen(instance, "malware").sight == "blind") is blind

    def test_others_may_be_quiet(self, instance: Instance) -> None:
        Ledger.objects.update(last_line_at=None)
        assert seen(instance).is_in_order


class TestTheMeter:
    """It measures doors by their access logs: where a log tells nothing, it sees nothing."""

    @pytest.fixture(autouse=True)
    def _doors(self) -> None:
        for name in ("meter", "web", "console"):
            Ledger.objects.create(source=name, epoch="e", kind=name, host="h", read_until=MOMENT, last_line_at=MOMENT)
            Notice.objects.create(source=name, epoch="e", seq=1, kind=NoticeKind.COLLECTING, at=LONG_AGO)
            Beat.objects.create(process="collector", part=name, at=MOMENT)

    def test_it_is_read_where_its_doors_are(self, instance: Instance) -> None:
        assert seen(instance, "meter").is_in_order

    @pytest.mark.parametrize("strange", [STRANGE, STRANGE - 1])
    def test_it_is_blind_where_a_door_is(self, instance: Instance, strange: int) -> None:
        Ledger.objects.filter(source="web").update(formless=strange, formless_since=LONG_AGO)
        meter = seen(instance, "meter")
        assert meter.is_in_order is (strange < STRANGE)
        assert ("web" in meter.says, meter.since) == (strange >= STRANGE, LONG_AGO)

    def test_another_source_is_none_of_its_doors(self, instance: Instance) -> None:
        Ledger.objects.filter(source="sshd").update(formless=STRANGE, formless_since=LONG_AGO)
        assert seen(instance, "meter").is_in_order


def test_one_that_the_collector_never_spoke_of_is_not_known(instance: Instance) -> None:
    source = seen(instance, PLATFORM)
    assert (source.sight, source.is_known, source.is_in_order) == ("unknown", False, False)


def not_read_until(moment: datetime) -> None:
    Ledger.objects.update(read_until=moment)


def not_come_round() -> None:
    Beat.objects.update(at=JUST_TOO_LONG)


def never_come_round() -> None:
    Beat.objects.all().delete()


def stream_away() -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=1, kind=NoticeKind.STREAM_DOWN, at=JUST_TOO_LONG)
    not_read_until(JUST_TOO_LONG)


def stream_full() -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=1, kind=NoticeKind.STREAM_FULL, at=JUST_TOO_LONG)


def not_analysed() -> None:
    not_read_until(JUST_TOO_LONG)


def failed() -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=1, kind=NoticeKind.COLLECTING_FAILED, at=JUST_TOO_LONG)


def lost_its_form() -> None:
    Ledger.objects.update(formless=STRANGE, formless_since=JUST_TOO_LONG)


def nothing() -> None:
    """Leave it in order."""


def clock_set_back() -> None:
    not_read_until(MOMENT + timedelta(hours=1))


def beaten_before_the_clock_was_set_back() -> None:
    Beat.objects.update(at=MOMENT + timedelta(hours=1))


STILL, ABSENT = Life.STANDS_STILL, Life.ABSENT


@pytest.mark.parametrize(
    ("fault", "lives", "sight", "says", "since"),
    [
        (not_come_round, {}, "blind", "does not come round to this source", JUST_TOO_LONG),
        (never_come_round, {}, "blind", "does not come round to this source", None),
        (stream_away, {}, "blind", "The durable stream does not answer", JUST_TOO_LONG),
        (stream_full, {}, "blind", "The durable stream is full", JUST_TOO_LONG),
        (failed, {}, "blind", "for a reason that nobody foresaw", JUST_TOO_LONG),
        (not_analysed, {}, "behind", "waits in the stream before detection", JUST_TOO_LONG),
        (not_analysed, {"detection": STILL}, "behind", "detection stands still", JUST_TOO_LONG),
        (not_analysed, {"detection": ABSENT}, "behind", "detection does not run", JUST_TOO_LONG),
        (lost_its_form, {}, "blind", "have not the form of its kind", JUST_TOO_LONG),
        (clock_set_back, {}, "unknown", "ahead of the clock", MOMENT + timedelta(hours=1)),
        (beaten_before_the_clock_was_set_back, {}, "blind", "does not come round", MOMENT + timedelta(hours=1)),
        (nothing, {"collector": STILL}, "unknown", "The collector stands still", LONG_AGO),
        (nothing, {"collector": ABSENT}, "unknown", "The collector does not run", LONG_AGO),
        # What is known first speaks; what follows from it is not taken for the cause.
        (not_analysed, {"collector": STILL}, "unknown", "The collector stands still", LONG_AGO),
        (stream_away, {"detection": STILL}, "blind", "The durable stream does not answer", JUST_TOO_LONG),
    ],
)
def test_who_stopped_is_named(
    instance: Instance, fault: Callable[[], None], lives: dict[str, Life], *, sight: str, says: str, since: object
) -> None:
    fault()
    source = seen(instance, **lives)
    assert (source.sight, source.since, source.is_in_order) == (sight, since, False)
    assert says in source.says


@pytest.mark.parametrize(
    ("ago", "sight"), [(SILENT_AFTER, "read"), (SILENT_AFTER + timedelta(microseconds=1), "behind")]
)
def test_detection_has_its_time_to_the_microsecond(instance: Instance, ago: timedelta, sight: str) -> None:
    not_read_until(MOMENT - ago)
    assert seen(instance).sight == sight


def test_a_source_that_was_blind_until_now_has_its_time_as_well(instance: Instance) -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=1, kind=NoticeKind.COLLECTING, at=MOMENT - SILENT_AFTER)
    not_read_until(LONG_AGO)
    assert seen(instance).sight == "read"


def test_a_source_that_is_named_no_more_is_told_without_blame(instance: Instance) -> None:
    Ledger.objects.create(source="former", epoch="e", kind="sshd", host="h", last_line_at=LONG_AGO)
    source = seen(instance, "former", collector=ABSENT)
    assert (source.sight, source.since, source.is_in_order) == ("former", LONG_AGO, True)


def test_a_loss_that_nobody_has_looked_at_is_told_also_of_a_source_that_is_named_no_more(instance: Instance) -> None:
    Notice.objects.create(source="former", epoch="e", seq=1, kind=NoticeKind.ROTATED_AWAY, at=LONG_AGO)
    assert not seen(instance, "former").is_in_order


def test_everything_that_the_ledger_holds_is_told(instance: Instance) -> None:
    Ledger.objects.update(flaws={"binary": 2, "truncated": 5}, bytes_cut=934_465)
    second = Ledger.objects.create(
        source="sshd", epoch="f", kind="sshd", host="h", lines=1, flaws={"binary": 4}, bytes_cut=1, last_line_at=MOMENT
    )
    Gap.objects.create(ledger=second, first=4, last=9)
    Gap.objects.create(ledger=second, first=1, last=1, closed_at=MOMENT)
    for kind, at in ((NoticeKind.TRUNCATED, JUST_TOO_LONG), (NoticeKind.EPOCH_BEGAN, LONG_AGO)):
        Notice.objects.create(source="sshd", epoch="f", seq=1, kind=kind, at=at)
    source = seen(instance)
    assert (source.lines, source.missing, source.last_line_at) == (8, 6, MOMENT)
    assert (source.flaws, source.bytes_cut) == ((("binary", 6), ("truncated", 5)), 934_466)
    assert (source.losses, source.last_loss, source.last_loss_at) == (2, NoticeKind.TRUNCATED, JUST_TOO_LONG)
    assert source.unseen == 3


def test_the_number_of_questions_does_not_grow_with_sources_or_rows(instance: Instance) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            sources(instance, house(), MOMENT)
        return len(found)

    before = asked()
    for number in range(5):
        ledger = Ledger.objects.create(source=f"s{number}", epoch="e", kind="sshd", host="h")
        Gap.objects.create(ledger=ledger, first=1, last=2)
        Notice.objects.create(source=f"s{number}", epoch="e", seq=1, kind=NoticeKind.TRUNCATED)
    assert asked() == before
