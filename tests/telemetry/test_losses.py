"""A loss is said until somebody has looked at it and says what they found; then it is kept with their name."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.telemetry import ledger, losses, queries
from senim.telemetry.errors import MayNotAcknowledge, NoNote, NothingToAcknowledge
from senim.telemetry.frames import Frame, Line
from senim.telemetry.models import Gap, Ledger, Notice, SeenLoss
from senim.telemetry.notices import NoticeKind
from senim.telemetry.operations import accept
from tests.staff import new_staff

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2")]
NOTE = "The disk was full; the host keeps a copy, read by hand."


@pytest.fixture
def analyst() -> Account:
    return new_staff(Role.ANALYST).account


@pytest.fixture
def cut() -> Notice:
    """A file that was cut short."""
    return Notice.objects.create(
        source="sshd", epoch="e1", seq=5, kind=NoticeKind.TRUNCATED, detail={"path": "/var/log/auth.log"}
    )


def frame(first: int, last: int) -> Frame:
    lines = tuple(Line(seq, 1_790_000_000.0, b"line") for seq in range(first, last + 1))
    return Frame("sshd", "sshd", "gate-1", "e1", lines)


@pytest.fixture
def gap() -> Gap:
    """Lines 1 to 9 did not arrive."""
    accept(frame(10, 10))
    return Gap.objects.get()


def keys() -> list[str]:
    return [loss.key for loss in losses.unseen("sshd")]


def unseen() -> int:
    return queries.source_state("sshd").unseen


class TestAcknowledging:
    """Who, when, why: in the ledger, in the audit log, and as news without the why."""

    def test_a_loss_is_seen_once_it_is_acknowledged(self, analyst: Account, cut: Notice, gap: Gap) -> None:
        assert (sorted(keys()), unseen()) == (sorted([f"notice:{cut.pk}", f"gap:{gap.pk}"]), 2)
        losses.acknowledge(analyst, "sshd", keys(), note=f" {NOTE} ")
        assert (keys(), unseen()) == ([], 0)
        for row in (ledger.notices("sshd").get(), ledger.gaps("sshd").get()):
            assert (row.seen_by, row.seen_note) == (analyst.full_name, NOTE)

    def test_only_what_was_ticked_is_seen(self, analyst: Account, cut: Notice, gap: Gap) -> None:
        losses.acknowledge(analyst, "sshd", [f"notice:{cut.pk}"], note=NOTE)
        assert keys() == [f"gap:{gap.pk}"]

    @pytest.mark.usefixtures("cut", "gap")
    def test_it_leaves_its_rows(self, analyst: Account) -> None:
        losses.acknowledge(analyst, "sshd", keys(), note=NOTE)
        row = AuditRow.objects.get(action=AuditAction.TELEMETRY_LOSS_ACKNOWLEDGED)
        told = [
            {"kind": "truncated", "epoch": "e1", "before": 5},
            {"kind": "gap", "epoch": "e1", "first": 1, "last": 9},
        ]
        assert (row.actor_id, row.subject, row.reason) == (str(analyst.pk), "source:sshd", NOTE)
        assert row.detail == {"losses": told}
        event = Event.objects.get(tag="telemetry:loss:acknowledged")
        assert (event.subject, event.payload) == ("source:sshd", {"losses": told})

    @pytest.mark.usefixtures("cut")
    def test_a_later_loss_is_said_again(self, analyst: Account) -> None:
        losses.acknowledge(analyst, "sshd", keys(), note=NOTE)
        later = Notice.objects.create(source="sshd", epoch="e1", seq=9, kind=NoticeKind.TRUNCATED)
        assert keys() == [f"notice:{later.pk}"]

    @pytest.mark.usefixtures("gap")
    def test_of_numbers_that_were_seen_missing_what_is_left_is_seen(self, analyst: Account) -> None:
        losses.acknowledge(analyst, "sshd", keys(), note=NOTE)
        accept(frame(4, 5))
        assert [(left.first, left.last) for left in queries.open_gaps("sshd")] == [(1, 3), (6, 9)]
        assert (keys(), queries.source_state("sshd").missing) == ([], 7)

    @pytest.mark.usefixtures("gap")
    def test_numbers_that_are_missing_beside_them_are_not(self, analyst: Account) -> None:
        losses.acknowledge(analyst, "sshd", keys(), note=NOTE)
        accept(frame(12, 12))
        assert [(left.first, left.last) for left in queries.open_gaps("sshd")] == [(1, 9), (11, 11)]
        assert len(keys()) == 1

    @pytest.mark.usefixtures("gap")
    def test_what_arrived_after_all_is_no_loss(self) -> None:
        accept(frame(1, 9))
        assert (keys(), unseen()) == ([], 0)


@pytest.mark.refusal
class TestRefusals:
    """Nothing is acknowledged without leave, without a note, or twice."""

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    @pytest.mark.usefixtures("cut")
    def test_without_leave(self, role: Role) -> None:
        with pytest.raises(MayNotAcknowledge):
            losses.acknowledge(new_staff(role).account, "sshd", keys(), note=NOTE)
        assert keys()

    @pytest.mark.parametrize("note", ["", " \n"])
    @pytest.mark.usefixtures("cut")
    def test_without_a_note(self, analyst: Account, note: str) -> None:
        with pytest.raises(NoNote):
            losses.acknowledge(analyst, "sshd", keys(), note=note)
        assert keys()

    @pytest.mark.parametrize("source", ["sshd", "other"])
    def test_what_is_no_loss_of_this_source_or_not_any_more(self, analyst: Account, cut: Notice, source: str) -> None:
        if source == "sshd":
            losses.acknowledge(analyst, "sshd", keys(), note=NOTE)
        with pytest.raises(NothingToAcknowledge):
            losses.acknowledge(analyst, source, [f"notice:{cut.pk}"], note="again")
        assert AuditRow.objects.filter(action=AuditAction.TELEMETRY_LOSS_ACKNOWLEDGED).count() == (source == "sshd")

    def test_a_condition_is_no_loss(self, analyst: Account) -> None:
        missing = Notice.objects.create(source="sshd", epoch="e1", seq=1, kind=NoticeKind.FILE_MISSING)
        with pytest.raises(NothingToAcknowledge):
            losses.acknowledge(analyst, "sshd", [f"notice:{missing.pk}"], note=NOTE)

    def test_who_was_slower_is_told_so(self, analyst: Account, cut: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
        SeenLoss.objects.create(notice=cut, note="faster", by=analyst)
        monkeypatch.setattr(losses, "_notices", lambda _source: Notice.objects.filter(pk=cut.pk))  # read before
        with pytest.raises(NothingToAcknowledge):
            losses.acknowledge(analyst, "sshd", [f"notice:{cut.pk}"], note="slower")
        assert SeenLoss.objects.get().note == "faster"


@pytest.mark.refusal
class TestTheDatabaseItself:
    """What was said of a loss is one loss, has a note, and is never changed."""

    @pytest.mark.usefixtures("cut")
    def test_keeps_what_was_said(self, analyst: Account) -> None:
        (row,) = losses.acknowledge(analyst, "sshd", keys(), note=NOTE)
        for act in (lambda: SeenLoss.objects.filter(pk=row.pk).update(note="x"), row.delete):
            with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
                act()

    @pytest.mark.parametrize("wrong", ["neither", "both", "half", "no note"])
    @pytest.mark.usefixtures("gap")
    def test_refuses_what_is_not_one_loss(self, analyst: Account, cut: Notice, wrong: str) -> None:
        epoch = Ledger.objects.get()
        fields = {
            "neither": {},
            "both": {"notice": cut, "ledger": epoch, "first": 1, "last": 9},
            "half": {"ledger": epoch, "first": 1},
            "no note": {"notice": cut, "note": ""},
        }[wrong]
        with pytest.raises(IntegrityError), transaction.atomic():
            SeenLoss.objects.create(**{"note": NOTE, "by": analyst, **fields})
