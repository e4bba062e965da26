"""Both sides of every boundary that the law draws."""

from datetime import date, timedelta

from senim.clauses.figures import Choice, Duration, Version, YearlyDay, Years
from senim.clauses.registry import figure


def test_downtime_of_sixty_minutes_is_not_yet_more_than_an_hour() -> None:
    downtime = figure("R228/81-1(6)", "downtime", Duration)
    assert downtime.length == timedelta(hours=1)
    assert not downtime.met_by(timedelta(minutes=60))
    assert downtime.met_by(timedelta(minutes=60, seconds=1))


def test_a_length_that_counts_at_its_boundary() -> None:
    lasting = Duration(minutes=5, bound="at_least")  # type: ignore[arg-type]
    assert lasting.met_by(timedelta(minutes=5))
    assert not lasting.met_by(timedelta(minutes=5) - timedelta(seconds=1))


def test_the_yearly_information_is_due_on_the_twentieth_of_the_next_january() -> None:
    assert figure("R228/79", "due", YearlyDay).last_day(2026) == date(2027, 1, 20)


def test_tls_one_point_two_is_enough_and_one_point_one_is_not() -> None:
    tls = figure("R228/81-13", "tls", Version)
    assert tls.met_by((1, 2))
    assert tls.met_by((1, 3))
    assert tls.met_by((1, 10))
    assert not tls.met_by((1, 1))


def test_two_factors_of_one_class_are_one_factor() -> None:
    factors = figure("R228/81-16", "factors", Choice)
    assert factors.met_by(["knowledge", "possession"])
    assert not factors.met_by(["knowledge", "knowledge"])
    assert not factors.met_by(["knowledge", "location"])


def test_versions_are_kept_three_years() -> None:
    assert figure("R228/81-12", "kept", Years).years == 3
