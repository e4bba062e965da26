"""Samples become outages and alerts: through detection, in PostgreSQL."""

import hashlib
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from senim.availability.internal.spells import Pace, Spell, Verdict, spells
from senim.availability.models import Outage, Sample, Tally
from senim.detection.models import Alert
from senim.events.models import Event
from senim.kit.instance import Instance
from senim.telemetry.models import Ledger
from tests.availability import samples as told
from tests.availability.samples import at, every, see

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
HOUR, QUARTER = 3600.0, 2700.0


def down_until(seconds: float) -> list[told.Sample]:
    """Good at first, then down, with its last failed sample at exactly `seconds`."""
    return [(-60, True), *every(60, 0, seconds, False), (seconds, False)]


def kinds(alerts: list[Alert]) -> list[int | None]:
    return [alert.kind for alert in alerts]


@pytest.mark.clause("R228/81-1(6)")
class TestMoreThanAnHour:
    """R228/81-1(6): strictly more; both sides, to the microsecond."""

    def test_still_down_an_hour_and_a_microsecond_later_is_told(self) -> None:
        (alert,) = see(down_until(HOUR + 0.000001))
        assert (alert.kind, alert.target, alert.level) == (6, "web", "critical")
        assert (alert.first_at, alert.last_at) == (at(0), at(HOUR + 0.000001))

    @pytest.mark.refusal
    def test_still_down_exactly_an_hour_later_is_a_warning(self) -> None:
        assert kinds(see(down_until(HOUR))) == [None]

    @pytest.mark.refusal
    def test_back_exactly_an_hour_later_is_a_warning(self) -> None:
        assert kinds(see([*every(60, 0, HOUR, False), (HOUR, True)])) == [None]

    def test_back_a_microsecond_after_the_hour_is_told(self) -> None:
        assert kinds(see([*every(60, 0, HOUR, False), (HOUR + 0.000001, True)])) == [6]

    def test_it_is_told_while_it_goes_on_and_once(self) -> None:
        see(down_until(HOUR))
        (alert,) = see([(HOUR + 60, False)])
        assert alert.kind == 6
        assert see([(HOUR + 120, False), (HOUR + 180, False)]) == []
        assert see([(HOUR + 240, True)]) == []

    def test_the_next_outage_is_told_again(self) -> None:
        see([*down_until(HOUR + 60), *every(60, HOUR + 120, HOUR + 600, True)])
        again = [(HOUR + 600 + seconds, is_up) for seconds, is_up in down_until(HOUR + 60)[1:]]
        assert kinds(see(again)) == [6]


class TestWarning:
    """Three quarters of an hour; both sides, to the microsecond."""

    def test_down_for_three_quarters_of_an_hour_a_person_is_called(self) -> None:
        (alert,) = see(down_until(QUARTER))
        assert (alert.kind, alert.level) == (None, "high")

    def test_a_microsecond_less_is_nothing(self) -> None:
        assert see(down_until(QUARTER - 0.000001)) == []

    def test_a_person_is_called_once(self) -> None:
        see(down_until(QUARTER))
        assert see([(QUARTER + 60, False)]) == []


def test_the_alert_holds_the_very_lines_and_says_why() -> None:
    (alert,) = see(down_until(HOUR + 60))
    first, last = alert.evidence[0], alert.evidence[-1]
    assert first["sha256"] == hashlib.sha256(told.line((0, False))).hexdigest()
    assert last["sha256"] == hashlib.sha256(told.line((HOUR + 60, False))).hexdigest()
    assert first["text"] == told.line((0, False)).decode()
    assert alert.explanation["because"]["asks"] == {"type": "downtime", "least": 1, "timespan_s": 3600, "fields": []}
    assert alert.explanation["targets"] == ["web", "web-1"]
    assert Event.objects.filter(tag="detection:alert:raised", payload__alert=str(alert.pk)).count() == 1


class TestSilence:
    """A prober that is silent says neither that a service is up nor that it is down."""

    def test_silence_alone_is_no_downtime(self) -> None:
        assert see([(0, True), (2 * HOUR, True)]) == []
        assert not Outage.objects.exists()

    def test_down_before_and_good_after_a_long_silence_a_person_decides(self) -> None:
        (alert,) = see([(0, False), (60, False), (2 * HOUR, True)])
        assert (alert.kind, alert.rule_title) == (None, "A service may have been down for more than an hour")

    def test_down_before_and_good_after_a_silence_within_the_hour_is_nothing(self) -> None:
        assert see([(0, False), (60, False), (HOUR, True)]) == []

    def test_down_before_and_after_is_told(self) -> None:
        (alert,) = see([(0, False), (60, False), (2 * HOUR, False)])
        assert alert.kind == 6
        assert Outage.objects.get().unseen == timedelta(seconds=2 * HOUR - 60)


class TestWhoMaySpeak:
    """One source for each service."""

    def test_a_sample_in_another_source_counts_for_nothing_and_is_counted(self) -> None:
        see(down_until(HOUR))
        assert see([(HOUR + 30, True)], source="prober") == []
        assert kinds(see([(HOUR + 60, False)])) == [6]
        assert Ledger.objects.get(source="prober").flaws == {"sample-unheard": 1}

    def test_a_service_that_nobody_named_is_none(self) -> None:
        assert see(down_until(2 * HOUR), service="unknown") == []
        assert not Sample.objects.exists()

    def test_an_exercise_has_a_service_of_its_own(self) -> None:
        marker = "exercise-0123456789abcdef"
        (alert,) = see(down_until(HOUR + 60), service=marker)
        assert (alert.marker, alert.target) == (marker, marker)

    def test_a_moment_that_cannot_be_believed_measures_nothing(self) -> None:
        soon = told.BEGAN + timedelta(minutes=10)
        assert see([(0, False), (HOUR + 601, False)], read=soon) == []
        assert Sample.objects.get().at == at(0)
        assert Ledger.objects.get().flaws == {"time-future": 1}


def test_what_comes_a_week_late_counts_no_longer_and_is_counted() -> None:
    week = 7 * 86400.0
    see([(week, True)], read=at(week))
    assert see([(-60, True), (0, True)], read=at(week)) == []
    assert [sample.at for sample in Sample.objects.all()] == [at(0), at(week)]
    flaws = [ledger.flaws for ledger in Ledger.objects.order_by("pk")]
    assert flaws == [{}, {"sample-late": 1}]


def test_the_beginning_of_a_long_outage_is_kept() -> None:
    week = 7 * 86400.0
    see([(0, False), (week / 2, False)], read=at(week))
    see([(week + 3600, False)], read=at(week + 3600))
    assert Sample.objects.count() == 3
    see([(week + 3660, True), (2 * week + 3661, True)], read=at(2 * week + 3661))
    see([(2 * week + 3662, True)], read=at(2 * week + 3662))
    assert [sample.at for sample in Sample.objects.all()] == [at(2 * week + 3661), at(2 * week + 3662)]


def test_quarters_of_an_hour_are_counted_once() -> None:
    see([(0, True), (899.999, False), (900, True)])
    see([(0, True), (899.999, False)])
    counted = list(Tally.objects.order_by("begins_at").values_list("begins_at", "ups", "downs"))
    assert counted == [(at(0), 1, 1), (at(900), 1, 0)]


def test_it_is_said_when_it_began_and_when_it_is_over() -> None:
    def said() -> list[str]:
        tags = Event.objects.filter(tag__startswith="availability:outage").order_by("id")
        return [event.tag.rpartition(":")[2] for event in tags]

    see([(0, False), (60, True), (360, True)])
    assert said() == ["began"]
    see([(361, True)])
    assert said() == ["began", "ended"]
    see([(421, True), (500, True)])
    assert said() == ["began", "ended"]


PACE = Pace(silence=timedelta(minutes=4), calm=timedelta(minutes=5))
some = st.lists(st.tuples(st.integers(0, 240).map(lambda n: n * 30.0), st.booleans()), min_size=1, max_size=40)


def defined(samples: list[told.Sample]) -> list[Spell]:
    verdicts = {Verdict(at(seconds), is_up) for seconds, is_up in samples}
    return spells(sorted(verdicts, key=lambda verdict: verdict.order), PACE)


def stored() -> list[Spell]:
    return [outage.spell for outage in Outage.objects.filter(part_of=None).order_by("began_at")]


@hypothesis(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.flatmap(lambda found: st.permutations(found + found[::3])), st.integers(1, 7))
def test_any_order_and_repetition_of_the_same_samples_gives_the_same_outages(
    arriving: list[told.Sample], together: int
) -> None:
    with transaction.atomic():
        for n in range(0, len(arriving), together):
            see(arriving[n : n + together])
        assert stored() == defined(arriving)
        transaction.set_rollback(True)


@hypothesis(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some)
def test_what_is_longer_than_an_hour_is_told_however_it_comes_to_be_known(arriving: list[told.Sample]) -> None:
    with transaction.atomic():
        alerts = [alert for sample in arriving for alert in see([sample])]
        longest = max((s.seen_until - s.began_at for s in defined(arriving)), default=timedelta())
        if longest > timedelta(hours=1):
            assert 6 in kinds(alerts)
        transaction.set_rollback(True)


def test_the_services_are_those_of_senim_toml(services: Instance) -> None:
    assert services.sections >= {"availability"}
