"""What pages say in the reader's language, and how they write it."""

import pytest
from django.test import Client
from django.utils import translation

from senim.doors.console import chart
from senim.identity.permissions import Role
from senim.telemetry.flaws import FlawKind
from tests.doors.console.conftest import new_alert, new_incident
from tests.staff import new_staff

TITLE = "OpenSSH password guessed"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("kk", ["0", "2,5", "5", "7,5", "10"]),
        ("ru", ["0", "2,5", "5", "7,5", "10"]),
        ("en", ["0", "2.5", "5", "7.5", "10"]),
    ],
)
def test_a_chart_writes_numbers_as_its_reader_does(language: str, written: list[str]) -> None:
    with translation.override(language):
        drawn = chart.bars([("one", 7.0)], aim=2.5)
    assert [line.text for line in drawn.grid] == written
    assert drawn.aim.text == written[1]


@pytest.mark.parametrize(("language", "said"), [("kk", "Кесте түрінде"), ("ru", "Таблицей"), ("en", "As a table")])
def test_what_opens_the_table_speaks_of_a_table(language: str, said: str) -> None:
    with translation.override(language):
        assert translation.gettext("As a table") == said


@pytest.mark.parametrize("kind", FlawKind)
def test_flaws_that_are_counted_are_flaws_of_lines(kind: FlawKind) -> None:
    with translation.override("kk"):
        assert str(kind.label).endswith(" жол")
