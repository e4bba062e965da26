"""Security tools: each with its quantity, counted by a person or from telemetry."""

import pytest

from senim.identity.models import Account
from senim.kit.clock import now
from senim.registers import queries
from senim.registers.errors import FactsRefused
from senim.telemetry.models import Notice
from senim.telemetry.notices import NoticeKind
from senim.telemetry.registers import TOOLS
from tests.registers.conftest import put

BY_HAND = {
    "title_kk": "Экран",
    "title_ru": "Экран",
    "kind": "hardware",
    "purpose_kk": "Қорғау",
    "purpose_ru": "Защита",
    "quantity": "2",
    "counted": "by-hand",
    "counted_on": "2026-10-01",
    "counted_by": "Айгерім",
    "sources": "",
}
COUNTED = {**BY_HAND, "counted": "from-telemetry", "counted_by": "", "sources": "fw-1 fw-2"}

pytestmark = pytest.mark.clause("R228/80(3)")


def lacks() -> list[str]:
    return [lack.code for lack in queries.missing(TOOLS, now())]


def test_counted_by_a_person(owner: Account) -> None:
    put(TOOLS, BY_HAND, owner)
    assert lacks() == []


def test_counted_from_telemetry_by_sources_that_were_read(owner: Account) -> None:
    put(TOOLS, COUNTED, owner)
    assert lacks() == ["source-never-read"]
    for source in ("fw-1", "fw-2"):
        Notice.objects.create(source=source, epoch="e", seq=1, kind=NoticeKind.FIRST_START)
    assert lacks() == []


@pytest.mark.refusal
@pytest.mark.parametrize(
    "facts",
    [
        {**BY_HAND, "quantity": ""},
        {**BY_HAND, "counted_by": ""},
        {**BY_HAND, "counted_on": ""},
        {**BY_HAND, "sources": "fw-1"},
        {**COUNTED, "sources": ""},
        {**COUNTED, "quantity": "1"},
        {**COUNTED, "quantity": "3"},
        {**COUNTED, "sources": "fw-1 fw-1"},
        {**COUNTED, "counted_by": "Айгерім"},
    ],
)
def test_a_quantity_that_nobody_counted_is_refused(facts: dict[str, str]) -> None:
    with pytest.raises(FactsRefused):
        TOOLS.facts(facts)
