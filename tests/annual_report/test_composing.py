"""The six sections come from registers and records as they stood at a moment; what is lacking is named."""

from datetime import UTC, date, datetime, timedelta

import pytest

from senim.annual_report.composing import Composed, compose
from senim.annual_report.errors import MomentAhead, NoSuchYear
from senim.annual_report.terms import due_on
from senim.availability.registers import CENTRES
from senim.governance.registers import MEASURES, SCOPE
from senim.identity.models import Account
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.participants.registers import AGREEMENTS
from senim.registers import operations, queries
from senim.registers.register import Register
from tests.annual_report.conftest import LAST_YEAR, OPERATOR, present

pytestmark = pytest.mark.django_db


def lacking(composed: Composed) -> dict[int, list[str]]:
    return {number: [lack.code for _register, lack in lacks] for number, lacks in composed.lacks.items() if lacks}


def end(register: Register, **facts: str) -> None:
    """End the entries of `register` that say `facts`."""
    for version in list(queries.as_of(register, now())):
        if all(version.facts[name] == fact for name, fact in facts.items()):
            operations.end(register, version.entry, seen=version.number, reason="gone", actor=OPERATOR)


def entries(composed: Composed, number: int) -> list[dict[str, str]]:
    section = composed.content["sections"][number - 1]
    return [entry["facts"] for told in section["registers"] for entry in told["entries"]]


@pytest.mark.clause("R228/79")
def test_the_last_day_in_time_is_the_law_s() -> None:
    assert due_on(2026) == date(2027, 1, 20)


@pytest.mark.clause("R228/80(1)", "R228/80(2)", "R228/80(3)", "R228/80(4)", "R228/80(5)", "R228/80(6)")
def test_a_house_with_full_registers_lacks_nothing(composed: Composed) -> None:
    assert composed.is_complete
    assert [section["clause"] for section in composed.content["sections"]] == [f"R228/80({n})" for n in range(1, 7)]
    assert all(entries(composed, number) for number in range(1, 7))


@pytest.mark.refusal
@pytest.mark.clause("R228/80(1)", "R228/80(2)", "R228/80(3)", "R228/80(4)", "R228/80(5)", "R228/80(6)")
def test_an_empty_house_lacks_every_section(instance: Instance, head: Account) -> None:
    composed = compose(instance, LAST_YEAR, present())
    assert not composed.is_complete
    assert {number: codes[0] for number, codes in lacking(composed).items()} == dict.fromkeys(range(1, 7), "empty")


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("register", "facts", "lack"),
    [(SCOPE, {}, (1, "empty")), (CENTRES, {}, (5, "empty")), (MEASURES, {"state": "done"}, (6, "none-done"))],
)
def test_a_section_whose_register_loses_what_it_needs_is_not_complete(
    instance: Instance, filled: Account, register: Register, facts: dict[str, str], lack: tuple[int, str]
) -> None:
    end(register, **facts)
    assert lacking(compose(instance, LAST_YEAR, present())) == {lack[0]: [lack[1]]}


@pytest.mark.clause("R228/80(4)")
def test_only_contracts_with_telecom_operators_are_told_of(instance: Instance, composed: Composed) -> None:
    assert [facts["kind"] for facts in entries(composed, 4)] == ["telecom"]
    # The provider's agreement lacks compensation; that is a lack of the register, and none of this section.
    assert "damage-absent" in [lack.code for lack in queries.missing(AGREEMENTS, now())]
    assert 4 not in lacking(composed)


@pytest.mark.refusal
def test_without_a_telecom_operator_the_section_lacks_one(instance: Instance, filled: Account) -> None:
    end(AGREEMENTS, kind="telecom")
    assert lacking(compose(instance, LAST_YEAR, present())) == {4: ["no-telecom"]}


def test_the_same_moment_gives_the_same_bytes_whatever_came_later(instance: Instance, composed: Composed) -> None:
    end(MEASURES)
    end(CENTRES)
    again = compose(instance, LAST_YEAR, composed.moment)
    assert again.written == composed.written
    assert compose(instance, LAST_YEAR, present()).sha256 != composed.sha256


def test_a_moment_counts_by_milliseconds_as_it_is_written(instance: Instance, composed: Composed) -> None:
    later = composed.moment + timedelta(microseconds=999)
    assert compose(instance, LAST_YEAR, later).written == composed.written


@pytest.mark.refusal
@pytest.mark.parametrize("year", [2023, now().year + 1, 0])
def test_a_year_before_the_law_or_ahead_is_none(instance: Instance, db: None, year: int) -> None:
    with pytest.raises(NoSuchYear):
        compose(instance, year, present())


def test_the_present_year_can_be_looked_at(instance: Instance, filled: Account) -> None:
    assert compose(instance, now().year, present()).year == now().year


@pytest.mark.refusal
def test_what_is_not_known_yet_is_not_composed(instance: Instance, db: None) -> None:
    with pytest.raises(MomentAhead):
        compose(instance, LAST_YEAR, now() + timedelta(seconds=1))


def test_before_anything_was_written_everything_is_lacking(instance: Instance, filled: Account) -> None:
    before = compose(instance, LAST_YEAR, datetime(2026, 1, 10, tzinfo=UTC))
    assert set(lacking(before)) == {1, 2, 3, 4, 5, 6}
