"""Backup centres: that there is none is a statement; one that exists is equipped and tested."""

import pytest

from senim.availability.registers import CENTRES
from senim.identity.models import Account
from senim.kit.clock import now
from senim.registers import queries
from senim.registers.errors import FactsRefused
from tests.registers.conftest import put

NONE = {
    "existence": "none",
    "title_kk": "Резервтік орталық жоқ",
    "title_ru": "Резервного центра нет",
    "provision_kk": "",
    "provision_ru": "",
    "tested_on": "",
    "outcome": "",
    "duration_minutes": "",
}
NAMED = {**NONE, "existence": "exists", "provision_kk": "Екі сервер", "provision_ru": "Два сервера"}
TESTED = {**NAMED, "tested_on": "2026-09-19", "outcome": "ready", "duration_minutes": "42"}

pytestmark = pytest.mark.clause("R228/80(5)")


def lacks() -> list[str]:
    return [lack.code for lack in queries.missing(CENTRES, now())]


def test_an_empty_register_does_not_say_that_there_is_none(owner: Account) -> None:
    assert lacks() == ["empty"]
    put(CENTRES, NONE, owner)
    assert lacks() == []


def test_none_and_a_centre_exclude_each_other(owner: Account) -> None:
    put(CENTRES, NONE, owner)
    put(CENTRES, TESTED, owner)
    assert lacks() == ["contradiction"]


def test_readiness_is_shown_by_a_test(owner: Account) -> None:
    put(CENTRES, NAMED, owner)
    assert lacks() == ["not-tested"]


def test_a_tested_centre_is_whole(owner: Account) -> None:
    put(CENTRES, TESTED, owner)
    assert lacks() == []


@pytest.mark.refusal
@pytest.mark.parametrize(
    "facts",
    [
        {**NAMED, "provision_ru": ""},
        {**NONE, "provision_ru": "Два сервера"},
        {**TESTED, "outcome": ""},
        {**TESTED, "duration_minutes": ""},
        {**NAMED, "outcome": "ready"},
        {**NAMED, "existence": ""},
        {**TESTED, "existence": "none", "provision_kk": "", "provision_ru": ""},
    ],
)
def test_what_contradicts_itself_is_refused(facts: dict[str, str]) -> None:
    with pytest.raises(FactsRefused):
        CENTRES.facts(facts)
