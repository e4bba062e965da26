"""Event rows as a source: what a row says as a line, and when a database is not the one it was."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from senim.events.models import Event
from senim.events.operations import emit
from senim.events.vocabulary.incidents import IncidentEvent
from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.site.embedded.postgres import Postgres
from senim.telemetry.internal import rows
from senim.telemetry.internal.logfile import LONGEST
from senim.telemetry.internal.rows import PlatformSource, RowPlace
from senim.telemetry.internal.source import UnknownPlace
from senim.telemetry.notices import NoticeKind

pytestmark = pytest.mark.clause("R228/81-2")
NOTHING = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def source() -> PlatformSource:
    return PlatformSource()


def an_event(**payload: object) -> Event:
    return Event(id=new_id(), tag="identity:session:refused", subject="account:7", payload=payload, transaction=5)


class TestLines:
    """A row is one line of canonical JSON."""

    def test_a_row_is_canonical_json(self) -> None:
        event = an_event(door="console")
        data, flaw = rows._line(event)
        assert canonical.loads(data)["subject"] == "account:7"
        assert flaw == ""

    def test_what_canonical_json_cannot_say_is_kept_and_named(self) -> None:
        data, flaw = rows._line(an_event(number=2**60))
        assert json.loads(data)["payload"]["number"] == 2**60
        assert flaw == "not-canonical"

    def test_an_overlong_row_is_cut_and_counted(self) -> None:
        data, flaw = rows._line(an_event(text="x" * LONGEST))
        assert len(data) == LONGEST
        assert flaw.startswith("truncated:")


class TestAnotherDatabase:
    """A place is worth something in the database it was taken from, and in no other."""

    PLACE = RowPlace(100, str(new_id()), "7", NOTHING)

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("cluster", "next_transaction", "row_is_there", "reason"),
        [
            ("7", 101, True, ""),
            ("8", 101, True, "another database cluster"),
            ("7", 100, True, "transaction numbers went back"),
            ("7", 101, False, "the last row read is not there any more"),
        ],
    )
    def test_each_sign_is_named(
        self,
        source: PlatformSource,
        monkeypatch: pytest.MonkeyPatch,
        *,
        cluster: str,
        next_transaction: int,
        row_is_there: bool,
        reason: str,
    ) -> None:
        found = Event(id=UUID(self.PLACE.id) if row_is_there else new_id(), transaction=100)
        monkeypatch.setattr(rows, "settled_after", lambda *_place, limit: [found][:limit])
        source.resume([100, self.PLACE.id, "7", NOTHING])
        assert source._broken_by(cluster, next_transaction) == reason

    def test_a_new_epoch_reads_ten_minutes_again_and_nothing_older(self, source: PlatformSource) -> None:
        last = new_id()
        source.resume([100, str(last), "7", NOTHING])
        source.begin(None, first=True)
        transaction, place, cluster, floor = source.place  # type: ignore[misc]
        assert (transaction, place, cluster) == (0, NOTHING, "")
        assert (last.int >> 80) - (UUID(floor).int >> 80) == 10 * 60 * 1000

    def test_without_a_place_the_ledger_says_what_was_seen(self, source: PlatformSource) -> None:
        seen = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        source.begin(seen, first=False)
        floor = source.place[3]  # type: ignore[index]
        assert UUID(floor).int >> 80 == int((seen - timedelta(minutes=10)).timestamp() * 1000)

    def test_a_place_of_another_kind_is_refused(self, source: PlatformSource) -> None:
        with pytest.raises(UnknownPlace):
            source.resume([[1, 2, "a file's"]])


@pytest.mark.django_db
class TestDatabase:
    """Against PostgreSQL; what a transaction has not committed is nobody's news."""

    def test_a_row_that_has_not_settled_is_not_read(self, source: PlatformSource) -> None:
        emit(IncidentEvent.INCIDENT_OPENED, "incident:1")
        reading = source._read()
        assert (reading.lines, reading.broken, reading.hindrance) == ([], None, None)
        assert source.place[2]  # type: ignore[index]  # the cluster is known now

    @pytest.mark.refusal
    def test_a_database_that_went_back_breaks_the_source(self, source: PlatformSource) -> None:
        source._read()
        cluster = source.place[2]  # type: ignore[index]
        source.resume([2**40, str(new_id()), cluster, NOTHING])
        broken = source._read().broken
        assert broken is not None
        assert (broken[0], broken[1]["reason"]) == (NoticeKind.EPOCH_BEGAN, "transaction numbers went back")

    def test_rows_are_read_in_their_order_from_the_floor_on(
        self, source: PlatformSource, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old, new = an_event(), an_event()
        monkeypatch.setattr(rows, "settled_after", lambda *_place, limit: [old, new][:limit])
        source.resume([1, NOTHING, "", str(new.id)])
        reading = source._read()
        assert [json.loads(data)["id"] for data, _ in reading.lines] == [str(new.id)]
        assert source.place[1] == str(new.id)  # type: ignore[index]


@pytest.mark.django_db
class TestRowsThatWait:
    """Rows that may not be read yet are counted and named; news never stops in silence."""

    @staticmethod
    def _row(age: timedelta, transaction: int | None = None) -> None:
        numbered = {} if transaction is None else {"transaction": transaction}
        Event.objects.create(tag="identity:session:refused", subject="account:7", at=now() - age, **numbered)

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("age", "hindrance"),
        [(timedelta(seconds=31), (NoticeKind.ROWS_UNSETTLED, {"rows": 1})), (timedelta(seconds=20), None)],
    )
    def test_behind_a_transaction_that_does_not_end(
        self, source: PlatformSource, postgres: Postgres, age: timedelta, hindrance: object
    ) -> None:
        self._row(age)
        with postgres.connect() as another:  # a younger transaction than this one ends
            another.execute("SELECT txid_current()")
        reading = source._read()
        assert (reading.lines, reading.hindrance) == ([], hindrance)

    @pytest.mark.refusal
    def test_with_numbers_that_a_restored_database_has_not_reached(self, source: PlatformSource) -> None:
        self._row(timedelta(hours=1), 2**40)
        self._row(timedelta(hours=1), 2**40 + 1)
        assert source._read().hindrance == (NoticeKind.ROWS_AHEAD, {"rows": 2})

    def test_it_ends_with_the_waiting(self, source: PlatformSource, monkeypatch: pytest.MonkeyPatch) -> None:
        self._row(timedelta(hours=1), 2**40)
        assert source._read().hindrance
        source.resume([2**40, str(Event.objects.get(transaction=2**40).id), "", NOTHING])
        monkeypatch.setattr(source, "_counted", float("-inf"))
        monkeypatch.setattr(source, "_broken_by", lambda *_facts: "")
        assert source._read().hindrance is None


@pytest.mark.django_db
def test_a_database_that_is_away_is_a_hindrance(source: PlatformSource, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_place: object, limit: int) -> list[Event]:
        raise rows.OperationalError(f"no answer to {limit}")

    monkeypatch.setattr(rows, "settled_after", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    assert source._read().hindrance == (NoticeKind.ROWS_UNREADABLE, {"reason": "OperationalError"})


def test_a_source_waits_in_its_own_thread(source: PlatformSource, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(source, "_listen", lambda: heard.append("listened"))
    asyncio.run(source.wait())
    assert heard == ["listened"]
