"""Agreements: what must stand in them, and what the yearly information would lack."""

import pytest

from senim.identity.models import Account
from senim.kit.clock import now
from senim.participants.registers import AGREEMENTS
from senim.registers import queries
from senim.registers.errors import FactsRefused
from tests.registers.conftest import put

TELECOM = {
    "party_kk": "Байланыс",
    "party_ru": "Связь",
    "kind": "telecom",
    "number": "7",
    "signed_on": "2026-01-05",
    "ends_on": "",
    "confidentiality": "present",
    "confidentiality_place": "6.1",
    "damage": "present",
    "damage_place": "7.2",
    "security": "present",
    "security_place": "5",
    "obligations_kk": "Шифрлау",
    "obligations_ru": "Шифрование",
}


def lacks() -> list[str]:
    return [lack.code for lack in queries.missing(AGREEMENTS, now())]


@pytest.mark.clause("R228/80(4)")
class TestTelecomOperators:
    """The yearly information tells of the contracts with them: one at least."""

    @pytest.mark.parametrize(
        ("kind", "lacking"),
        [("telecom", []), ("provider", ["no-telecom"]), ("recipient", ["no-telecom"]), ("third-party", ["no-telecom"])],
    )
    def test_one_stands_in_the_register(self, owner: Account, kind: str, lacking: list[str]) -> None:
        put(AGREEMENTS, {**TELECOM, "kind": kind}, owner)
        assert lacks() == lacking

    @pytest.mark.refusal
    def test_requirements_and_obligations_are_said(self) -> None:
        assert AGREEMENTS.facts(TELECOM) == TELECOM
        with pytest.raises(FactsRefused, match="obligations_kk"):
            AGREEMENTS.facts({**TELECOM, "obligations_kk": ""})


@pytest.mark.clause("R228/40-1/confidentiality", "R228/40-1/damage", "R228/40-1/agreement")
class TestProvisions:
    """What an agreement must contain stands at a named place of it, or is named as absent; nothing is left open."""

    @pytest.mark.parametrize("provision", ["confidentiality", "damage", "security"])
    def test_what_is_absent_is_named_with_its_entry(self, owner: Account, provision: str) -> None:
        absent = put(AGREEMENTS, {**TELECOM, provision: "absent", f"{provision}_place": ""}, owner)
        (lack,) = queries.missing(AGREEMENTS, now())
        assert (lack.code, lack.entry) == (f"{provision}-absent", absent.entry)

    @pytest.mark.refusal
    @pytest.mark.parametrize("provision", ["confidentiality", "damage", "security"])
    @pytest.mark.parametrize(("word", "place"), [("present", ""), ("absent", "6.1"), ("", "6.1")])
    def test_present_has_a_place_and_absent_has_none(self, provision: str, word: str, place: str) -> None:
        with pytest.raises(FactsRefused, match=provision):
            AGREEMENTS.facts({**TELECOM, provision: word, f"{provision}_place": place})
