"""How grave an incident is and what it touches: said by a person, told at once, and said before it is closed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from senim.identity.models import Account
from senim.incidents import acts, prose
from senim.incidents.assessment import Assessment, Breach, Data, Severity, read, written
from senim.incidents.deeds import Assess, Regrade
from senim.incidents.errors import BreachAtNoTime, NotAssessed, SameAssessment
from senim.incidents.models import Incident
from senim.kit.clock import now
from tests.incidents.conftest import VALIDATORS
from tests.incidents.test_acts import ASSESSING, CLOSING, decide, do, told

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
SAID = {
    "severity": "high",
    "personal_data_breach": "no",
    "systems": ["core", "portal"],
    "data": ["credit-histories"],
    "clients": 3,
}


def test_the_regulator_is_told_at_once_in_fields_and_words(analyst: Account, incident: Incident) -> None:
    body = do(analyst, incident, ASSESSING)
    assert (body["type"], body["by"], body["assessment"]) == ("assessed", "person", SAID)
    assert "высокая тяжесть" in body["text"]["ru"]
    assert "ауырлығы жоғары" in body["text"]["kk"]
    assert "core, portal" in body["text"]["kk"]
    assert incident.assessment == SAID


def test_before_anybody_has_the_field_is_empty_and_afterwards_every_update_has_it(
    analyst: Account, incident: Incident
) -> None:
    assert do(analyst, incident, Regrade(kind=4))["assessment"] is None
    do(analyst, incident, ASSESSING)
    assert do(analyst, incident, Regrade(kind=3))["assessment"] == SAID


def test_it_can_be_assessed_anew_and_what_was_said_stays_on_record(analyst: Account, incident: Incident) -> None:
    do(analyst, incident, ASSESSING)
    body = do(analyst, incident, Assess(Assessment(Severity.CRITICAL, Breach.UNKNOWN)))
    assert body["assessment"] == {
        "severity": "critical", "personal_data_breach": "unknown", "systems": [], "data": [], "clients": None,
    }  # fmt: skip
    assert [each["assessment"] for each in told(incident)[1:]] == [SAID, body["assessment"]]
    assert incident.acts.filter(deed__deed="assess").count() == 2


@pytest.mark.refusal
def test_it_is_not_closed_before(analyst: Account, incident: Incident) -> None:
    assert [each.__name__ for each in acts.possible(analyst, incident)].count("Close") == 0
    with pytest.raises(NotAssessed):
        decide(analyst, incident, CLOSING)
    do(analyst, incident, ASSESSING)
    assert [each.__name__ for each in acts.possible(analyst, incident)].count("Close") == 1
    assert do(analyst, incident, CLOSING)["assessment"] == SAID


@pytest.mark.refusal
def test_the_same_again_tells_nothing(analyst: Account, incident: Incident) -> None:
    do(analyst, incident, ASSESSING)
    with pytest.raises(SameAssessment):
        decide(analyst, incident, ASSESSING)


@pytest.mark.refusal
def test_without_an_act_the_database_changes_none(analyst: Account, incident: Incident) -> None:
    do(analyst, incident, ASSESSING)
    for change in ({"assessment": None}, {"breach_known_at": now()}):
        with pytest.raises(DatabaseError, match="by an act on record"), transaction.atomic():
            Incident.objects.filter(pk=incident.pk).update(**change)


TICK = timedelta(microseconds=1)


class TestWhenABreachWasKnown:
    """Between the minute of the incident's first event and now, and only where there was one."""

    def breach(self, **said: Any) -> Assess:
        return Assess(Assessment(Severity.HIGH, Breach.YES, data=(Data.PERSONAL,)), **said)

    def test_from_the_first_event_on(self, analyst: Account, incident: Incident) -> None:
        minute = incident.first_event_at.replace(second=0, microsecond=0)
        do(analyst, incident, self.breach(breach_known_at=minute))
        assert incident.breach_known_at == minute

    @pytest.mark.refusal
    @pytest.mark.parametrize("which", ["before", "later than now", "not said"])
    def test_at_no_other_time(self, analyst: Account, incident: Incident, which: str) -> None:
        moments = {
            "before": incident.first_event_at.replace(second=0, microsecond=0) - TICK,
            "later than now": now() + timedelta(hours=1),
        }
        with pytest.raises(BreachAtNoTime):
            decide(analyst, incident, self.breach(breach_known_at=moments.get(which)))

    @pytest.mark.refusal
    @pytest.mark.parametrize("breach", [Breach.NO, Breach.UNKNOWN])
    def test_a_time_without_a_breach(self, analyst: Account, incident: Incident, breach: Breach) -> None:
        with pytest.raises(BreachAtNoTime):
            decide(analyst, incident, Assess(Assessment(Severity.LOW, breach), breach_known_at=now()))

    def test_none_after_all(self, analyst: Account, incident: Incident) -> None:
        do(analyst, incident, self.breach(breach_known_at=incident.first_event_at))
        do(analyst, incident, ASSESSING)
        assert incident.breach_known_at is None


STANDING = {
    "exercise": False,
    "number": "2026-000001",
    "events": 1,
    "reason": None,
    "kind": {"clause": "R228/81-1(2)", "title": {"kk": "k", "ru": "r", "en": "e"}},
    "added": {"accounts": [], "actors": [], "targets": []},
    "first_event_at": "2026-11-27T10:00:00Z",
    "last_event_at": "2026-11-27T10:00:01Z",
}
_ASSESSMENTS = st.builds(
    Assessment,
    severity=st.sampled_from(Severity),
    personal_data_breach=st.sampled_from([Breach.NO, Breach.UNKNOWN]),
    systems=st.lists(st.text(min_size=1, max_size=255), max_size=50, unique=True).map(tuple),
    data=st.lists(st.sampled_from(Data), unique=True).map(tuple),
    clients=st.none() | st.integers(min_value=0, max_value=100_000_000),
)


@given(said=_ASSESSMENTS)
def test_whatever_can_be_said_has_words_and_fits_the_schema(said: Assessment) -> None:
    plain = written(said)
    update = VALIDATORS["urn:senim:incident-update:2"]
    parts = update.schema["$defs"]
    update.evolve(schema={**parts["assessment"], "$defs": parts}).validate(plain)
    body = {**STANDING, "type": "assessed", "facts": {}, "assessment": plain}
    for text in prose.update_in_words(body).values():
        assert str(said.clients if said.clients is not None else "") in text
    assert read(plain) == said
