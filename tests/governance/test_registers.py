"""What the registers of the management system hold, and what the yearly information would lack of them."""

import pytest

from senim.governance.registers import DOCUMENTS, MEASURES, PARTICIPANTS, SCOPE
from senim.identity.models import Account
from senim.kit.clock import now
from senim.registers import queries
from senim.registers.errors import FactsRefused
from senim.registers.register import Register
from tests.registers.conftest import POLICY, put

SCOPE_FACTS = {"title_kk": "Жүйе", "title_ru": "Система", "scope_kk": "Бюро", "scope_ru": "Бюро"}
HEAD = {
    "title_kk": "Басшы",
    "title_ru": "Руководитель",
    "kind": "head",
    "functionality_kk": "Басқарады",
    "functionality_ru": "Руководит",
    "limbs": "R228/37(1)",
    "state": "complies",
    "compliance_kk": "Нұсқаулық бар",
    "compliance_ru": "Есть инструкция",
}
MEASURE = {
    "title_kk": "Таныстыру",
    "title_ru": "Ознакомление",
    "limbs": "R228/37(1)",
    "state": "done",
    "planned_for": "2026-03-31",
    "done_on": "2026-03-27",
    "outcome_kk": "Танысты",
    "outcome_ru": "Ознакомлены",
}


def lacks(register: Register) -> list[str]:
    return [lack.code for lack in queries.missing(register, now())]


def refused(register: Register, **facts: str) -> set[str]:
    with pytest.raises(FactsRefused) as refusal:
        register.facts(facts)
    return set(refusal.value.by_field)


@pytest.mark.clause("R228/80(1)")
class TestScopeAndParticipants:
    """The scope once; the participants, each with how its functionality complies, a head among them."""

    @pytest.mark.usefixtures("db")
    def test_an_empty_register_lacks_everything(self) -> None:
        assert lacks(SCOPE) == lacks(PARTICIPANTS) == ["empty"]

    def test_one_scope_is_whole_and_two_are_not(self, owner: Account) -> None:
        put(SCOPE, SCOPE_FACTS, owner)
        assert lacks(SCOPE) == []
        put(SCOPE, SCOPE_FACTS, owner)
        assert lacks(SCOPE) == ["several"]

    @pytest.mark.parametrize(("kind", "lacking"), [("head", []), ("unit", ["no-head"])])
    def test_a_head_stands_among_the_participants(self, owner: Account, kind: str, lacking: list[str]) -> None:
        put(PARTICIPANTS, {**HEAD, "kind": kind}, owner)
        assert lacks(PARTICIPANTS) == lacking

    @pytest.mark.refusal
    @pytest.mark.parametrize("field", ["compliance_kk", "compliance_ru", "limbs", "state", "functionality_kk"])
    def test_how_it_complies_must_be_said(self, field: str) -> None:
        assert PARTICIPANTS.facts(HEAD) == HEAD
        assert refused(PARTICIPANTS, **{**HEAD, field: ""}) == {field}

    @pytest.mark.refusal
    def test_a_limb_that_the_law_does_not_have_is_refused(self) -> None:
        assert refused(PARTICIPANTS, **{**HEAD, "limbs": "R228/37" + "(9)"}) == {"limbs"}


@pytest.mark.clause("R228/80(2)")
class TestDocuments:
    """At least one document is in force until further notice; its days are in order."""

    @pytest.mark.parametrize(("until", "lacking"), [("", []), ("2027-01-31", ["none-in-force"])])
    def test_one_in_force(self, owner: Account, until: str, lacking: list[str]) -> None:
        put(DOCUMENTS, {**POLICY, "in_force_until": until}, owner)
        assert lacks(DOCUMENTS) == lacking

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("field", "last_wrong", "first_right"),
        [("in_force_from", "2026-01-14", "2026-01-15"), ("in_force_until", "2026-01-31", "2026-02-01")],
    )
    def test_days_in_order(self, field: str, last_wrong: str, first_right: str) -> None:
        assert DOCUMENTS.facts({**POLICY, field: first_right})[field] == first_right
        assert refused(DOCUMENTS, **{**POLICY, field: last_wrong}) == {field}


@pytest.mark.clause("R228/80(6)")
class TestMeasures:
    """Measures carried out, with their outcome; a plan is none yet."""

    def test_a_plan_is_not_enough(self, owner: Account) -> None:
        planned = {**MEASURE, "state": "planned", "done_on": "", "outcome_kk": "", "outcome_ru": ""}
        put(MEASURES, planned, owner)
        assert lacks(MEASURES) == ["none-done"]
        put(MEASURES, MEASURE, owner)
        assert lacks(MEASURES) == []

    @pytest.mark.refusal
    def test_a_plan_has_no_outcome_and_what_was_done_has_one(self) -> None:
        assert refused(MEASURES, **{**MEASURE, "state": "planned"}) == {"done_on", "outcome_kk", "outcome_ru"}
        assert refused(MEASURES, **{**MEASURE, "outcome_ru": ""}) == {"outcome_ru"}
