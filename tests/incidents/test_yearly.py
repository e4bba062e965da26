"""The incidents of a year by kind, as they stood at a moment: figures that can be counted by hand."""

from datetime import datetime, timedelta

import pytest

from senim.identity.models import Account
from senim.incidents import operations, yearly
from senim.incidents.deeds import Merge, Regrade, Reinstate, Withdraw
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise, Incident
from senim.incidents.promptness import AIM
from senim.incidents.yearly import OfKind
from senim.kit.clock import now
from senim.kit.moments import local_day
from tests.incidents.conftest import MakeAlert
from tests.incidents.test_acts import ASSESSING, CLOSING, WORKER, do
from tests.incidents.test_promptness import TICK, Arrive, arrive  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/80(1)")]


def of(kind: IncidentKind | int, moment: datetime | None = None) -> OfKind:
    year = local_day(now()).year
    return next(each for each in yearly.by_kind(year, moment or now()) if each.kind == kind)


def count(kind: IncidentKind | int, moment: datetime | None = None) -> int:
    return of(kind, moment).incidents


def test_all_six_kinds_are_told_of_also_where_there_was_none(db: None) -> None:
    found = yearly.by_kind(local_day(now()).year, now())
    assert [each.kind for each in found] == list(IncidentKind)
    assert {each.incidents for each in found} == {0}


def test_an_incident_counts_from_the_moment_on_in_which_it_was_opened(incident: Incident) -> None:
    assert count(incident.kind, incident.opened_at - TICK) == 0
    assert count(incident.kind, incident.opened_at) == 1


def test_it_belongs_to_its_year_alone(incident: Incident) -> None:
    assert sum(each.incidents for each in yearly.by_kind(incident.year - 1, now())) == 0


@pytest.mark.refusal
def test_an_exercise_is_no_incident_of_the_year(exercise: Exercise, raise_alert: MakeAlert) -> None:
    played = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=WORKER)
    assert played.exercise_id
    assert count(played.kind) == 0


def test_what_was_withdrawn_counts_apart_and_only_from_then_on(analyst: Account, incident: Incident) -> None:
    before = now()
    do(analyst, incident, Withdraw())
    assert (count(incident.kind), yearly.withdrawn(incident.year, now())) == (0, 1)
    assert (count(incident.kind, before), yearly.withdrawn(incident.year, before)) == (1, 0)
    withdrawn = now()
    do(analyst, incident, Reinstate())
    assert count(incident.kind) == 1
    assert count(incident.kind, withdrawn) == 0


def test_what_was_merged_counts_once(analyst: Account, incident: Incident, raise_alert: MakeAlert) -> None:
    other = operations.open_from_alert(raise_alert(target="db-9", actor="198.51.100.9", account="x"), actor=WORKER)
    before = now()
    do(analyst, other, Merge(into=incident.pk))
    assert (count(incident.kind), count(incident.kind, before)) == (1, 2)


def test_a_kind_counts_as_it_was_then(analyst: Account, incident: Incident) -> None:
    first, opened = incident.kind, now()
    do(analyst, incident, Regrade(kind=3))
    graded_once = now()
    do(analyst, incident, Regrade(kind=5))
    assert (count(first), count(3), count(5)) == (0, 0, 1)
    assert (count(first, graded_once), count(3, graded_once), count(5, graded_once)) == (0, 1, 0)
    assert (count(first, opened), count(3, opened), count(5, opened)) == (1, 0, 0)


def test_what_was_closed_says_so(analyst: Account, incident: Incident) -> None:
    do(analyst, incident, ASSESSING)
    before = now()
    do(analyst, incident, CLOSING)
    assert (of(incident.kind).closed, of(incident.kind, before).closed) == (1, 0)


@pytest.mark.parametrize(("after", "within"), [(AIM, 1), (AIM + timedelta(seconds=1), 0)])
def test_receipts_and_the_slowest(incident: Incident, arrive: Arrive, after: timedelta, within: int) -> None:  # noqa: F811
    arrive(incident, after)
    moment = incident.opened_at + after
    told = of(incident.kind, moment)
    assert (told.received, told.within_aim, told.slowest) == (1, within, after)
    earlier = of(incident.kind, moment - TICK)
    assert (earlier.received, earlier.within_aim, earlier.slowest) == (0, 0, None)
