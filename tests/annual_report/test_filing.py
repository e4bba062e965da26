"""What was shown is filed; the worker composes it anew and tells the regulator what comes out alike."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files

import pytest
from django.db import Error, connection, transaction
from jsonschema import Draft202012Validator

from senim.annual_report import errors, operations, queries
from senim.annual_report.composing import Composed, compose
from senim.annual_report.models import Filing, Report
from senim.annual_report.typesetting import pdf
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.events.models import Event
from senim.events.vocabulary.annual_report import AnnualReportEvent
from senim.governance.registers import MEASURES
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.instance import Instance
from tests.annual_report.conftest import LAST_YEAR, new_account, present
from tests.annual_report.test_composing import end

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/79")]
WORKER = Actor.process("worker")
File = Callable[..., Filing]


@pytest.fixture
def file(head: Account, composed: Composed) -> File:
    """Files what was shown; a test says what is otherwise."""

    def _file(shown: Composed = composed, **more: object) -> Filing:
        said = {"sha256": shown.sha256, "reason": "", "fresh_second_factor": True, **more}
        return operations.file(head, shown, **said)  # type: ignore[arg-type]

    return _file


def told(instance: Instance, filing: Filing) -> Report:
    return operations.tell(instance, filing.pk, actor=WORKER)


def test_a_filing_commits_with_its_audit_row_and_its_news_and_tells_nobody(file: File) -> None:
    filing = file()
    row = AuditRow.objects.get(action=AuditAction.ANNUAL_REPORT_REPORT_FILED)
    assert row.subject == filing.subject
    assert row.detail["sha256"] == filing.sha256
    assert Event.objects.filter(tag=AnnualReportEvent.REPORT_FILED, subject=filing.subject).count() == 1
    assert not Message.objects.exists()


def test_the_regulator_is_told_what_was_shown_with_both_documents(
    instance: Instance, composed: Composed, file: File
) -> None:
    report = told(instance, file())
    message = report.message
    assert (message.kind, message.about, message.sequence) == (MessageKind.ANNUAL_REPORT, "annual-report:2025", 1)
    documents = message.body.pop("documents")
    body = {name: value for name, value in message.body.items() if name not in {"documents", "correction"}}
    assert canonical.dumps(body) == composed.written == report.content.encode()
    for language in ("kk", "ru"):
        made = gzip.decompress(base64.b64decode(documents[language]["pdf"]))
        assert made == report.pdf(language) == pdf(composed.content, language, draft=False)
        assert documents[language]["sha256"] == canonical.sha256(made)


def test_the_message_has_the_published_form(instance: Instance, file: File) -> None:
    schema = json.loads((files("senim.annual_report") / "schemas" / "annual-report-1.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(told(instance, file()).message.body)


def test_a_correction_names_what_it_corrects_and_why(instance: Instance, file: File, filled: Account) -> None:
    first = told(instance, file())
    again = compose(instance, LAST_YEAR, present())
    second = told(instance, file(again, reason="a tool was left out"))
    assert second.message.corrects == first.message
    assert second.message.sequence == 2
    assert second.message.body["correction"] == "a tool was left out"
    assert queries.newest_told(LAST_YEAR) == second.filing


@pytest.mark.refusal
def test_a_correction_without_a_reason_is_none(instance: Instance, file: File, filled: Account) -> None:
    told(instance, file())
    with pytest.raises(errors.WithoutReason):
        file(compose(instance, LAST_YEAR, present()), reason="  ")
    assert Filing.objects.count() == 1


@pytest.mark.refusal
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ANALYST, Role.AUDITOR])
def test_only_the_head_of_the_unit_files(composed: Composed, role: Role) -> None:
    other = new_account(role)
    with pytest.raises(errors.MayNotFile):
        operations.file(other, composed, sha256=composed.sha256, reason="", fresh_second_factor=True)


@pytest.mark.refusal
def test_nobody_files_without_a_second_factor_shown_just_now(file: File) -> None:
    with pytest.raises(errors.MayNotFile):
        file(fresh_second_factor=False)


@pytest.mark.refusal
@pytest.mark.clause("R228/80(6)")
def test_an_incomplete_one_is_not_filed(instance: Instance, filled: Account, file: File) -> None:
    end(MEASURES)
    with pytest.raises(errors.Incomplete):
        file(compose(instance, LAST_YEAR, present()))
    assert not Filing.objects.exists()


@pytest.mark.refusal
def test_what_was_shown_otherwise_is_not_filed(file: File) -> None:
    with pytest.raises(errors.Changed):
        file(sha256="0" * 64)


@pytest.mark.refusal
def test_a_year_that_lasts_is_not_filed(instance: Instance, filled: Account, file: File) -> None:
    with pytest.raises(errors.YearNotOver):
        file(compose(instance, now().year, present()))


@pytest.mark.refusal
def test_what_was_shown_a_day_ago_is_looked_at_anew(
    instance: Instance, filled: Account, composed: Composed, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_most = composed.moment + operations.SHOWN_AT_MOST
    monkeypatch.setattr(operations, "read_clock", lambda: at_most + timedelta(milliseconds=1))
    with pytest.raises(errors.ShownLongAgo):
        file()
    monkeypatch.setattr(operations, "read_clock", lambda: at_most)
    assert file().number == 1


@pytest.mark.refusal
def test_what_does_not_come_out_again_is_not_told_and_says_so(
    instance: Instance, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = file()
    monkeypatch.setattr(operations, "compose", lambda _i, year, _as_of: compose(instance, year, present()))
    report = told(instance, filing)
    assert report.refusal == "annual-report:changed"
    assert not Message.objects.exists()
    assert AuditRow.objects.filter(action=AuditAction.ANNUAL_REPORT_REPORT_REFUSED, subject=filing.subject).exists()
    assert queries.newest_told(LAST_YEAR) is None


@pytest.mark.refusal
def test_what_cannot_be_set_as_a_document_is_refused_by_name(
    instance: Instance, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = file()

    def _cannot(*_given: object, **_more: object) -> bytes:
        raise errors.NotSet

    monkeypatch.setattr(operations, "pdf", _cannot)
    assert told(instance, filing).refusal == "annual-report:not-set"
    assert not Message.objects.exists()


def test_after_a_refusal_it_is_filed_again_and_corrects_nothing(
    instance: Instance, file: File, filled: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(operations, "compose", lambda _i, year, _as_of: compose(instance, year, present()))
        told(instance, file())
    second = told(instance, file(compose(instance, LAST_YEAR, present()), reason="shown anew"))
    assert (second.message.sequence, second.message.corrects) == (1, None)


@pytest.mark.refusal
@pytest.mark.parametrize("table", ["annual_report_filing", "annual_report_report"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_filed_and_told_stays(instance: Instance, file: File, table: str, statement: str) -> None:
    told(instance, file())
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.refusal
@pytest.mark.parametrize("column", [{"number": 2, "reason": "x"}, {"at": now() - timedelta(minutes=6)}])
def test_the_database_takes_no_filing_out_of_turn_or_time(
    composed: Composed, head: Account, column: dict[str, object]
) -> None:
    said = {"year": LAST_YEAR, "number": 1, "as_of": composed.moment, "sha256": composed.sha256, "by": head}
    with pytest.raises(Error), transaction.atomic():
        Filing.objects.create(**{**said, **column})
