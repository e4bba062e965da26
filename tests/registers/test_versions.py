"""Entries follow each other, nothing is lost, and the register as it was at any moment is read again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.governance.registers import DOCUMENTS, MEASURES
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.checks import Asked
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.kit.instance import Instance
from senim.registers import operations, queries
from senim.registers.checks import reviewed
from senim.registers.errors import ChangedMeanwhile, FactsRefused, MayNotChange, NoSuchEntry
from senim.registers.models import Version
from tests.registers.conftest import KEEPER, POLICY, REVIEW, add_document, change_document
from tests.staff import new_staff

pytestmark = pytest.mark.django_db


def numbers(moment: datetime) -> list[str]:
    return sorted(each.facts["number"] for each in queries.as_of(DOCUMENTS, moment))


@pytest.mark.clause("R228/80(2)")
class TestAsOfAnyMoment:
    """What the register said at a moment is what it says of that moment ever after."""

    def test_a_change_holds_from_its_moment_on(self, policy: Version) -> None:
        changed = change_document(policy, number="АҚ-02")
        assert numbers(changed.written_at - timedelta(microseconds=1)) == ["АҚ-01"]
        assert numbers(changed.written_at) == ["АҚ-02"]

    def test_an_entry_stands_from_its_moment_on(self, policy: Version) -> None:
        assert numbers(policy.written_at - timedelta(microseconds=1)) == []
        assert numbers(policy.written_at) == ["АҚ-01"]

    def test_an_ended_entry_stands_until_its_end(self, policy: Version) -> None:
        over = operations.end(DOCUMENTS, policy.entry, seen=1, reason="replaced", actor=KEEPER)
        assert numbers(over.written_at - timedelta(microseconds=1)) == ["АҚ-01"]
        assert numbers(over.written_at) == []

    def test_each_register_has_its_own_entries(self, policy: Version) -> None:
        assert list(queries.as_of(MEASURES, now())) == []
        with pytest.raises(NoSuchEntry):
            queries.entry(MEASURES, policy.entry)

    def test_the_history_of_an_entry_keeps_every_version(self, policy: Version) -> None:
        change_document(change_document(policy, number="АҚ-02"), number="АҚ-03")
        told = [each.facts["number"] for each in queries.history(DOCUMENTS, policy.entry)]
        assert told == ["АҚ-03", "АҚ-02", "АҚ-01"]


class TestWhatSomebodyElseWrote:
    """Nobody overwrites what he has not seen."""

    def test_a_change_of_an_older_version_is_refused(self, policy: Version) -> None:
        change_document(policy, number="АҚ-02")
        with pytest.raises(ChangedMeanwhile):
            change_document(policy, number="АҚ-03")
        assert numbers(now()) == ["АҚ-02"]

    def test_nothing_follows_the_end(self, policy: Version) -> None:
        operations.end(DOCUMENTS, policy.entry, seen=1, reason="replaced", actor=KEEPER)
        for seen in (1, 2):
            with pytest.raises(NoSuchEntry):
                operations.end(DOCUMENTS, policy.entry, seen=seen, reason="again", actor=KEEPER)


class TestTheDatabaseKeepsIt:
    """Whoever has the console's rights and goes round our code changes nothing that was written."""

    @pytest.mark.usefixtures("policy")
    @pytest.mark.parametrize(
        "statement", ["UPDATE registers_version SET reason = 'x'", "DELETE FROM registers_version"]
    )
    def test_rows_are_neither_changed_nor_removed(self, statement: str) -> None:
        with pytest.raises(DatabaseError, match="append"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert numbers(now()) == ["АҚ-01"]

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_version_follows_the_newest(self, policy: Version, number: int) -> None:
        version = Version(
            register=DOCUMENTS.name, entry=policy.entry, number=number, facts=POLICY, owner=policy.owner,
            review_on=REVIEW, reason="x",
        )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save(force_insert=True)

    def test_a_version_stays_in_its_register(self, policy: Version) -> None:
        version = Version(
            register=MEASURES.name, entry=policy.entry, number=2, facts={}, owner=policy.owner, review_on=REVIEW,
            reason="x",
        )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save(force_insert=True)

    @pytest.mark.parametrize("away", [timedelta(minutes=6), -timedelta(minutes=6)])
    def test_nothing_is_written_into_the_past_or_future(self, owner: Account, away: timedelta) -> None:
        version = Version(
            register=DOCUMENTS.name, entry=new_id(), number=1, facts=POLICY, owner=owner, review_on=REVIEW, reason="x",
            written_at=now() + away,
        )  # fmt: skip
        with pytest.raises(DatabaseError, match="when it is said"), transaction.atomic():
            version.save(force_insert=True)


class TestEveryChangeIsOnRecord:
    """Each act leaves its audit row, which bears witness of what was written without repeating it."""

    def test_each_act_has_its_row(self, policy: Version) -> None:
        changed = change_document(policy, number="АҚ-02")
        operations.end(DOCUMENTS, policy.entry, seen=2, reason="replaced", actor=KEEPER)
        rows = AuditRow.objects.filter(subject=f"register-entry:{policy.entry}").order_by("at", "pk")
        assert [row.action for row in rows] == [
            AuditAction.REGISTERS_ENTRY_ADDED,
            AuditAction.REGISTERS_ENTRY_CHANGED,
            AuditAction.REGISTERS_ENTRY_ENDED,
        ]
        assert rows[1].detail == {"register": "documents", "number": 2, "sha256": operations.digest(changed)}
        assert rows[2].reason == "replaced"

    def test_a_digest_tells_any_other_fact_apart(self, policy: Version) -> None:
        before = operations.digest(policy)
        policy.facts = {**policy.facts, "number": "АҚ-02"}
        assert operations.digest(policy) != before

    def test_without_a_reason_nothing_is_written(self, policy: Version) -> None:
        with pytest.raises(FactsRefused):
            change_document(policy, reason=" ", number="АҚ-02")
        assert numbers(now()) == ["АҚ-01"]


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.HEAD_OF_IS, True), (Role.ANALYST, True), (Role.AUDITOR, False), (Role.ADMINISTRATOR, False)],
)
def test_who_keeps_registers(role: Role, may: bool) -> None:
    account = new_staff(role).account
    if may:
        operations.require_keeper(account)
    else:
        with pytest.raises(MayNotChange):
            operations.require_keeper(account)


class TestReview:
    """An entry is due the day after its day of review, as the bureau's calendar has it."""

    @pytest.mark.usefixtures("policy")
    @pytest.mark.parametrize(
        ("moment", "due"),
        [
            (datetime(2027, 6, 30, 18, 59, 59, tzinfo=UTC), False),
            (datetime(2027, 6, 30, 19, 0, tzinfo=UTC), True),  # midnight in Almaty: the first of July begins
        ],
    )
    def test_both_sides_of_midnight(self, moment: datetime, due: bool) -> None:
        assert queries.past_review(DOCUMENTS, moment).exists() is due
        assert [lack.code for lack in queries.missing(DOCUMENTS, moment)] == (["review-due"] if due else [])

    def test_the_check_says_how_many(self, owner: Account, instance: Instance) -> None:
        check = reviewed("governance", [DOCUMENTS])
        for _number in range(2):
            add_document(owner)
        (fault,) = check.find(Asked(instance, datetime(2028, 1, 1, tzinfo=UTC)))
        assert "2" in str(fault.what)
        assert list(check.find(Asked(instance, datetime(2027, 1, 1, tzinfo=UTC)))) == []


def test_the_days_are_almatys() -> None:
    assert queries.today(datetime(2026, 12, 31, 19, 0, tzinfo=UTC)) == date(2027, 1, 1)
