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


@pytest.mark.django_db
class TestTitlesOfRules:
    """They stand in English in rules and rows, and on pages in the reader's language."""

    @pytest.fixture
    def client(self) -> Client:
        return new_staff(Role.HEAD_OF_IS).signs_in()

    @pytest.mark.parametrize(
        ("language", "shown"),
        [("kk", "OpenSSH: құпиясөз теріп табылды"), ("ru", "OpenSSH: пароль подобран"), ("en", TITLE)],
    )
    def test_every_page_that_names_a_rule_translates_it(self, client: Client, language: str, shown: str) -> None:
        incident = new_incident(rule_title=TITLE)
        alert = new_alert(rule_title=TITLE, kind=None)
        pages = ("alerts/", f"alerts/{alert.pk}/", f"alerts/{alert.pk}/grade/", f"alerts/{alert.pk}/dismiss/")
        for page in (*pages, f"incidents/{incident.pk}/"):
            told = client.get(f"/{language}/{page}").content.decode()
            assert shown in told, page
            assert language == "en" or TITLE not in told, page

    def test_a_bureaus_own_rule_keeps_its_title(self, client: Client) -> None:
        alert = new_alert(rule_title="Біздің <ереже>")
        assert "Біздің &lt;ереже&gt;" in client.get(f"/ru/alerts/{alert.pk}/").content.decode()

    def test_exports_keep_the_title_of_the_rules_file(self, client: Client) -> None:
        new_alert(rule_title=TITLE)
        assert f'"{TITLE}"' in client.get("/kk/alerts/?format=csv").getvalue().decode()
