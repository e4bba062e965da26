"""The document says all that the twin says, in its language, and is the same bytes each time."""

import io

import pypdf
import pytest
from django.utils.translation import override

from senim.annual_report.composing import Composed, compose
from senim.annual_report.difference import differences
from senim.annual_report.document import document
from senim.annual_report.errors import NotSet
from senim.annual_report.typesetting import pdf
from senim.governance.registers import MEASURES
from senim.identity.models import Account
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.registers import operations, queries
from tests.annual_report.conftest import LAST_YEAR, OPERATOR, present
from tests.annual_report.test_composing import end

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/80(1)", "R228/80(3)", "R228/80(5)")]


def words(made: bytes) -> str:
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    return "".join(text.split())  # where lines break is the setter's business


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_fact_in_the_language_stands_in_the_pdf(composed: Composed, language: str) -> None:
    read = words(pdf(composed.content, language, draft=False))
    other = {"kk": "_ru", "ru": "_kk"}[language]
    for section in composed.content["sections"]:
        assert "".join(section["title"][language].split()) in read
        for told in section["registers"]:
            for entry in told["entries"]:
                texts = [fact for name, fact in entry["facts"].items() if name.endswith(f"_{language}") and fact]
                assert [text for text in texts if "".join(text.split()) not in read] == []
                assert not [name for name in entry["facts"] if name.endswith(other) and len(name) < 3]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_same_content_is_the_same_bytes(composed: Composed, language: str) -> None:
    assert pdf(composed.content, language, draft=False) == pdf(composed.content, language, draft=False)


def test_it_is_pdf_a_with_a_structure_and_a_language(composed: Composed) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf(composed.content, "kk", draft=False)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("kk")
    assert b"pdfaid:part" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert "2025" in str(reader.metadata.title)


def test_a_draft_says_so_and_names_what_is_not_complete(instance: Instance, composed: Composed) -> None:
    end(MEASURES)
    lacking = compose(instance, LAST_YEAR, present())
    with override("ru"):
        assert "Черновик" in words(pdf(lacking.content, "ru", draft=True))
    assert "Черновик" not in words(pdf(composed.content, "ru", draft=False))


@pytest.mark.refusal
@pytest.mark.parametrize("text", ["#panic()", "*bold* _it_ $x$ @ref <b>", '#read("/etc/passwd")', "a" * 300, "= #"])
def test_what_people_wrote_is_no_markup(instance: Instance, filled: Account, text: str) -> None:
    (version,) = queries.as_of(MEASURES, now()).filter(facts__state="done")
    facts = {**version.facts, "outcome_ru": text}
    given = {"owner": version.owner, "review_on": version.review_on, "reason": "x", "actor": OPERATOR}
    operations.change(MEASURES, version.entry, facts, seen=version.number, **given)
    made = pdf(compose(instance, LAST_YEAR, present()).content, "ru", draft=False)
    assert "".join(text.split()) in words(made).replace("\u200b", "")


@pytest.mark.refusal
@pytest.mark.parametrize("letter", ["中", "🙂"])
def test_a_letter_that_no_font_has_is_named(composed: Composed, letter: str) -> None:
    composed.content["sections"][5]["registers"][0]["entries"][0]["facts"]["outcome_ru"] = letter
    with pytest.raises(NotSet, match=letter):
        pdf(composed.content, "ru", draft=False)


def test_the_page_speaks_the_readers_language(composed: Composed) -> None:
    for language, word in (("kk", "Кредиттік бюро"), ("ru", "Кредитное бюро"), ("en", "Credit bureau")):
        with override(language):
            assert document(composed.content).facts[0][0] == word


def test_what_is_otherwise_than_the_year_before_is_told_entry_by_entry(instance: Instance, composed: Composed) -> None:
    (planned,) = queries.as_of(MEASURES, now()).filter(facts__state="planned")
    facts = {**planned.facts, "planned_for": "2027-03-01"}
    given = {"owner": planned.owner, "review_on": planned.review_on, "reason": "x", "actor": OPERATOR}
    operations.change(MEASURES, planned.entry, facts, seen=1, **given)
    end(MEASURES, state="done")
    found = differences(composed.content, compose(instance, LAST_YEAR, present()).content)
    assert set(found) == {6}
    assert {change.what for change in found[6]} == {"changed", "removed"}
    (changed,) = (change for change in found[6] if change.what == "changed")
    assert [(fact.before, fact.after) for fact in changed.facts] == [("26.02.2027", "01.03.2027")]
    assert differences(composed.content, composed.content) == {}
