"""Bringing in a file: what goes out comes in again unchanged, a fault refuses the whole, nobody's words are lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.governance.registers import DOCUMENTS
from senim.kit.clock import now
from senim.kit.spreadsheet import harmless, is_disguised, original
from senim.registers import importing, queries, rows
from senim.registers.errors import FileRefused
from senim.registers.importing import Act, Plan
from senim.registers.models import Version
from tests.registers.conftest import KEEPER, POLICY, add_document, change_document

HEAD = ("entry", "version", "owner", "review_on", *POLICY)


def plan(text: str) -> Plan:
    return importing.plan(DOCUMENTS, text, now())


def carry_out(wished: Plan) -> list[Version]:
    return importing.carry_out(DOCUMENTS, wished, reason="brought in", actor=KEEPER)


def exported() -> str:
    return rows.as_csv(DOCUMENTS, queries.as_of(DOCUMENTS, now()))


def file(*records: dict[str, str], delimiter: str = ",") -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, HEAD, delimiter=delimiter)
    writer.writeheader()
    writer.writerows({"owner": "gulnar", "review_on": "2027-06-30", **POLICY, **record} for record in records)
    return written.getvalue()


def standing() -> list[str]:
    return sorted(each.facts["number"] for each in queries.as_of(DOCUMENTS, now()))


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.number, fault.column) for fault in plan(text).faults]


@pytest.mark.django_db
class TestWhatAFileDoes:
    """Shown line by line before anything is written."""

    def test_what_went_out_comes_in_as_it_is(self, policy: Version) -> None:
        add_document(policy.owner, title_ru='=1+1;"=2"', number="+7", replaces="a =b")
        wished = plan(exported())
        assert [line.act for line in wished.lines] == [Act.KEEP, Act.KEEP]
        assert carry_out(wished) == []

    def test_adding_changing_keeping(self, policy: Version) -> None:
        kept = add_document(policy.owner, number="АҚ-09")
        text = file(
            {"entry": str(policy.entry), "version": "1", "number": "АҚ-02"},
            {"entry": str(kept.entry), "version": "1", "number": "АҚ-09"},
            {"number": "АҚ-03"},
        )
        wished = plan(text)
        acts = [(line.number, line.act, line.changed) for line in wished.lines]
        assert acts == [(2, Act.CHANGE, ("number",)), (3, Act.KEEP, ()), (4, Act.ADD, ())]
        assert standing() == ["АҚ-01", "АҚ-09"]
        assert len(carry_out(wished)) == 2
        assert standing() == ["АҚ-02", "АҚ-03", "АҚ-09"]

    @pytest.mark.parametrize("before", ["", "\ufeff"])
    @pytest.mark.parametrize("delimiter", [",", ";"])
    @pytest.mark.usefixtures("owner")
    def test_as_spreadsheets_here_write_it(self, before: str, delimiter: str) -> None:
        carry_out(plan(before + file({}, delimiter=delimiter)))
        assert standing() == ["АҚ-01"]


@pytest.mark.django_db
class TestWhatIsRefused:
    """Each fault by its line and column, and with one of them the whole file."""

    @pytest.mark.usefixtures("owner")
    def test_one_fault_refuses_all(self) -> None:
        text = file({}, {"sha256": "ab", "approved_on": "soon"})
        assert faults(text) == [(3, "approved_on"), (3, "sha256")]
        with pytest.raises(FileRefused, match="sha256"):
            carry_out(plan(text))
        assert standing() == []

    @pytest.mark.usefixtures("owner")
    def test_lines_are_counted_as_an_editor_does(self) -> None:
        # A cell of several lines moves what follows; the title takes one line only.
        assert faults(file({"title_kk": "a\nb"}, {"owner": "nobody"})) == [(2, "title_kk"), (4, "owner")]

    def test_what_others_wrote_meanwhile(self, policy: Version) -> None:
        text = exported()
        change_document(policy, number="АҚ-02")
        assert faults(text) == [(2, "version")]

    def test_an_entry_that_is_not_there_or_twice(self, policy: Version) -> None:
        line = {"entry": str(policy.entry), "version": "1"}
        assert faults(file({"entry": "0"}, line, line)) == [(2, "entry"), (4, "entry")]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", [(1, "")]),
            ("entry,version\n", [(1, "")]),
            (",".join((*HEAD, "colour")) + "\n", [(1, "")]),
            (",".join((*HEAD, "entry")) + "\n", [(1, "")]),
            (",".join(HEAD) + "\na,b\n", [(2, "")]),
            (",".join(HEAD) + '\n"a', [(2, "")]),
        ],
    )
    @pytest.mark.usefixtures("db")
    def test_what_is_no_such_file(self, text: str, found: list[tuple[int, str]]) -> None:
        assert faults(text) == found

    @pytest.mark.parametrize("more", [0, 1])
    @pytest.mark.usefixtures("db")
    def test_a_file_of_too_many_lines(self, more: int) -> None:
        text = ",".join(HEAD) + "\n" + "x\n" * (importing.MOST_LINES + more)
        reasons = [str(fault.reason) for fault in plan(text).faults]
        assert any("1000" in reason for reason in reasons) is bool(more)


def test_a_file_in_another_encoding_is_refused() -> None:
    with pytest.raises(FileRefused):
        importing.text_of("Құжат".encode("utf-16"))


@given(st.text())
def test_a_cell_comes_back_from_a_spreadsheet(text: str) -> None:
    assert is_disguised(text) or original(harmless(text)) == text


@given(st.text(alphabet="=+-@'\"; \t\na"))
def test_a_cell_of_signs_comes_back_too(text: str) -> None:
    assert is_disguised(text) or original(harmless(text)) == text


@pytest.mark.django_db
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_whatever_is_brought_in_is_understood_or_refused_by_line(text: str) -> None:
    for content in (text, ",".join(HEAD) + "\n" + text):
        found = plan(content)
        assert all(fault.number >= 1 and fault.reason for fault in found.faults)
