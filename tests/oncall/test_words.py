"""What a page says: short, in its reader's language, and nothing that an attacker could use."""

import pytest
from django.urls import resolve
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from senim.identity.models import Account
from senim.kit.instance import Instance
from senim.oncall import operations, pager, words
from senim.oncall.models import Letter
from tests.oncall.conftest import NewIncident

STRANGE = "core-1\r\nBcc: all@ulgi.example http://evil.example/x"


@pytest.mark.parametrize(
    ("target", "short"),
    [
        ("app-01.ulgi.kz", "app-01"),
        ("10.0.0.7", "10.0.0.7"),
        ("evil.example/login", "evil"),
        ("http://evil.example", "http___evil"),
        ("Қоймa", "_____"[:4] + "a"),
        ("x" * 25, "x" * 24),
        ("", ""),
    ],
)
def test_of_a_target_only_a_harmless_part_is_said(target: str, short: str) -> None:
    assert words.short(target) == short


@given(st.text())
def test_whatever_a_log_calls_a_target_no_line_ends_and_no_link_begins(target: str) -> None:
    said = words.short(target)
    assert len(said) <= 24
    assert said.isascii()
    assert not set(said) & set(" \r\n\t/@:<>\"'")


@pytest.mark.django_db
class TestLetters:
    """The whole of it."""

    def text(self, instance: Instance) -> str:
        begun = pager.begin(Letter.objects.latest("created_at").pk, instance)
        assert begun is not None
        return begun.parcel.text

    @pytest.mark.parametrize(
        ("language", "begins"), [("kk", "Senim: Оқыс оқиға "), ("ru", "Senim: Инцидент "), ("en", "Senim: Incident ")]
    )
    def test_it_speaks_its_reader_s_language(
        self, first: Account, new_incident: NewIncident, instance: Instance, language: str, begins: str
    ) -> None:
        Account.objects.filter(pk=first.pk).update(language=language)
        operations.wake_for_incident(new_incident())
        text = self.text(instance)
        assert text.startswith(begins)
        assert f"/{language}/oncall/pages/" in text

    def test_it_names_nobody_and_shows_nothing(
        self, first: Account, new_incident: NewIncident, instance: Instance
    ) -> None:
        incident = new_incident(target=STRANGE, actor="203.0.113.7", account="aliya.nurlan")
        operations.wake_for_incident(incident)
        text = self.text(instance)
        assert incident.number in text
        assert text.count("\n") == 1
        assert not any(part in text for part in ("aliya", "203.0.113.7", "evil", "Bcc:", "\r", first.full_name))

    def test_an_exercise_is_called_one(self, first: Account, new_incident: NewIncident, instance: Instance) -> None:
        from datetime import timedelta

        from senim.incidents.models import Exercise
        from senim.kit.clock import now
        from senim.kit.marker import new_marker

        moment = now()
        exercise = Exercise.objects.create(
            kind=2, marker=new_marker(), declared_by=first, declared_at=moment, until=moment + timedelta(minutes=15)
        )
        operations.wake_for_incident(new_incident(marker=exercise.marker))
        assert self.text(instance).startswith("ЖАТТЫҒУ. Senim: ")
        operations.wake_for_incident(new_incident(target="another"))
        assert self.text(instance).startswith("Senim: ")

    def test_one_that_gathers_says_how_many_and_the_first_of_them(
        self, first: Account, new_incident: NewIncident, instance: Instance
    ) -> None:
        Account.objects.filter(pk=first.pk).update(language="en")
        numbers = []
        for n in range(operations.SINGLES + 7):
            incident = new_incident(target=f"host-{n}")
            operations.wake_for_incident(incident)
            numbers.append(incident.number)
        gathering = Letter.objects.get(is_digest=True)
        begun = pager.begin(gathering.pk, instance, now=gathering.due_at)
        assert begun is not None
        headline, link = begun.parcel.text.split("\n")
        assert headline == f"Senim: 7 pages more: {', '.join(numbers[3:8])}, …"
        assert link.endswith("/en/oncall/pages/?state=open")

    @pytest.mark.usefixtures("first")
    def test_its_link_leads_to_the_page(self, new_incident: NewIncident, instance: Instance) -> None:
        operations.wake_for_incident(new_incident())
        address = self.text(instance).split("\n")[1].partition("://")[2].partition("/")[2]
        with translation.override("kk"):  # the language that the letter was written in
            match = resolve(f"/{address}")
        assert match.url_name == "oncall-page"
        assert match.kwargs["pk"] == Letter.objects.get().pages.get().pk
