"""Every way of tampering, done for real by the database's owner, is named; an untouched log passes."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import translation

from senim.audit.actions import AuditAction
from senim.audit.findings import Finding, FindingCode
from senim.audit.internal.note import Signer
from senim.audit.models import AuditRow, Checkpoint
from senim.audit.operations import Actor
from senim.audit.queries import latest_checkpoint
from senim.audit.verification import SEALING_BOUND, Verdict, verify
from tests.audit.log import Log

pytestmark = pytest.mark.clause("R228/81")

ALL = [
    ("id", "0199aaaa-0000-7000-8000-000000000000"),
    ("at", "2020-01-01T00:00:00Z"),
    ("actor_kind", "account"),
    ("actor_id", "x"),
    ("actor_name", "x"),
    ("action", "x"),
    ("subject", "incident:x"),
    ("reason", "x"),
    ("detail", '{"number": 6}'),
]


def latest() -> str:
    note = latest_checkpoint()
    assert note is not None
    return note


def codes(findings: tuple[Finding, ...]) -> list[FindingCode]:
    return [finding.code for finding in findings]


class TestAnUntouchedLog:
    """What nobody touched passes, and what waits is shown."""

    def test_is_intact(self, sealed: Log) -> None:
        report = sealed.verify()
        assert (report.verdict, report.findings) == (Verdict.INTACT, ())
        assert (report.sealed, report.checkpoints, report.waiting) == (10, 3, 0)

    def test_is_intact_when_empty(self, log: Log) -> None:
        assert log.verify().verdict is Verdict.INTACT

    def test_agrees_with_every_checkpoint_exported_on_the_way(self, log: Log) -> None:
        kept = []
        for batch in (1, 2, 3, 5):
            log.sealed(batch)
            kept.append(latest())
        report = log.verify(*kept)
        assert (report.verdict, report.witnesses) == (Verdict.INTACT, 4)

    def test_shows_rows_that_wait_for_their_seal(self, sealed: Log) -> None:
        sealed.write(2)
        report = sealed.verify()
        assert report.verdict is Verdict.INTACT
        assert [*report.unsealed] == [str(row) for row in sealed.rows[-2:]]

    def test_is_unchecked_while_a_row_has_waited_too_long(self, sealed: Log) -> None:
        sealed.write(1)
        written = AuditRow.objects.get(pk=sealed.rows[-1]).at
        in_time = verify(sealed.signer.verifier, now=written + SEALING_BOUND)
        too_late = verify(sealed.signer.verifier, now=written + SEALING_BOUND + timedelta(microseconds=1))
        assert in_time.verdict is Verdict.INTACT
        assert too_late.verdict is Verdict.UNCHECKED
        assert codes(too_late.findings) == [FindingCode.ROW_OVERDUE]


@pytest.mark.refusal
class TestRowsChangedUnderTheLog:
    """The attacker changes rows and leaves the log alone."""

    @pytest.mark.parametrize(("column", "value"), ALL[1:])
    def test_a_flipped_row_is_named_whatever_the_field(self, open_log: Log, column: str, value: str) -> None:
        statement = f"UPDATE audit_auditrow SET {column} = %s WHERE id = %s"  # noqa: S608 - our own names
        open_log.run(statement, [value, open_log.rows[5]])
        (finding,) = open_log.findings()
        assert (finding.code, finding.row, finding.first) == (FindingCode.ROW_ALTERED, str(open_log.rows[5]), 5)

    def test_a_microsecond_counts(self, open_log: Log) -> None:
        open_log.run("UPDATE audit_auditrow SET at = at + interval '1 microsecond' WHERE id = %s", [open_log.rows[0]])
        assert codes(open_log.findings()) == [FindingCode.ROW_ALTERED]

    def test_a_row_under_another_name_is_one_removed_and_one_inserted(self, open_log: Log) -> None:
        open_log.run("UPDATE audit_auditrow SET id = %s WHERE id = %s", [ALL[0][1], open_log.rows[5]])
        removed, inserted = open_log.findings()
        assert (removed.code, removed.row) == (FindingCode.ROW_REMOVED, str(open_log.rows[5]))
        assert (inserted.code, inserted.row) == (FindingCode.ROW_INSERTED, ALL[0][1])

    def test_a_removed_row_is_named(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_auditrow WHERE id = %s", [open_log.rows[3]])
        (finding,) = open_log.findings()
        assert (finding.code, finding.row, finding.first) == (FindingCode.ROW_REMOVED, str(open_log.rows[3]), 3)

    def test_a_row_removed_while_it_waited_is_named(self, open_log: Log) -> None:
        open_log.write(1)
        open_log.run("DELETE FROM audit_auditrow WHERE id = %s", [open_log.rows[-1]])
        (finding,) = open_log.findings()
        assert (finding.code, finding.row) == (FindingCode.ROW_LOST, str(open_log.rows[-1]))

    def test_an_inserted_row_is_named(self, open_log: Log) -> None:
        actor = Actor.process("test")
        row = AuditRow.objects.create(
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            action=AuditAction.INCIDENTS_INCIDENT_OPENED.value,
            subject="incident:1",
        )
        (finding,) = open_log.findings()
        assert (finding.code, finding.row) == (FindingCode.ROW_INSERTED, str(row.pk))

    def test_two_changes_are_two_findings(self, open_log: Log) -> None:
        open_log.run(
            "UPDATE audit_auditrow SET reason = 'x' WHERE id = ANY(%s)", [[open_log.rows[1], open_log.rows[8]]]
        )
        assert [finding.first for finding in open_log.findings()] == [1, 8]


@pytest.mark.refusal
class TestTheLogChanged:
    """The attacker changes leaves, nodes or checkpoints as well, without the key."""

    def test_rows_that_exchange_places_are_named(self, open_log: Log) -> None:
        open_log.swap("row_id", 2, 9)
        assert {(f.code, f.row, f.first, f.last) for f in open_log.findings()} == {
            (FindingCode.ROW_MOVED, str(open_log.rows[9]), 2, 9),
            (FindingCode.ROW_MOVED, str(open_log.rows[2]), 9, 2),
        }

    @pytest.mark.parametrize(("one", "other"), [(2, 7), (0, 1)])
    def test_rows_that_exchange_places_with_their_leaves_are_named(self, open_log: Log, one: int, other: int) -> None:
        open_log.swap("row_id", one, other)
        open_log.swap("hash", one, other)
        moved = [f for f in open_log.findings() if f.code is FindingCode.ROW_MOVED]
        assert {(f.row, f.first, f.last) for f in moved} == {
            (str(open_log.rows[other]), one, other),
            (str(open_log.rows[one]), other, one),
        }

    def test_a_row_flipped_with_its_leaf_is_found_in_its_pair(self, open_log: Log) -> None:
        open_log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [open_log.rows[5]])
        self._relead(open_log, 5)
        assert [(f.code, f.first, f.last) for f in open_log.findings()] == [(FindingCode.LEAF_ALTERED, 4, 5)]

    def _relead(self, log: Log, place: int) -> None:
        """Make the leaf at `place` fit its row again."""
        from senim.audit.internal import leaf
        from senim.audit.queries import _columns

        found = leaf.hash_of(leaf.fields(_columns(log.rows[place])))
        log.run("UPDATE audit_leaf SET hash = %s WHERE index = %s", [found, place])

    def test_a_changed_node_is_found(self, open_log: Log) -> None:
        open_log.run("UPDATE audit_node SET hash = %s WHERE level = 2 AND index = 0", [bytes(32)])
        assert [(f.code, f.first, f.last) for f in open_log.findings()] == [
            (FindingCode.LEAF_ALTERED, 0, 3),
            (FindingCode.LEAF_ALTERED, 0, 7),
        ]

    def test_a_missing_node_is_found(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_node WHERE level = 1 AND index = 2")
        assert [(f.code, f.first, f.last) for f in open_log.findings()] == [(FindingCode.LEAF_ALTERED, 4, 5)]

    @pytest.mark.parametrize(("level", "index"), [(1, 2**62), (7, 0), (9000, 3), (-1, -5)])
    def test_a_made_up_node_is_found(self, open_log: Log, level: int, index: int) -> None:
        open_log.run("INSERT INTO audit_node VALUES (%s, %s, %s)", [level, index, bytes(32)])
        (finding,) = open_log.findings()
        assert finding.code in {FindingCode.LEAF_ALTERED, FindingCode.TAIL_CUT}

    def test_a_row_removed_with_its_leaf_leaves_an_empty_place(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_leaf WHERE index = 6")
        open_log.run("DELETE FROM audit_auditrow WHERE id = %s", [open_log.rows[6]])
        assert [(f.code, f.first, f.last) for f in open_log.findings()] == [(FindingCode.LEAF_REMOVED, 6, 6)]

    def test_behind_an_empty_place_rows_are_still_compared(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_leaf WHERE index = 2")
        open_log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [open_log.rows[8]])
        assert set(codes(open_log.findings())) == {
            FindingCode.LEAF_REMOVED,
            FindingCode.ROW_INSERTED,
            FindingCode.ROW_ALTERED,
        }

    @pytest.mark.parametrize("index", [-1, 2**62])
    def test_a_made_up_place_is_found(self, open_log: Log, index: int) -> None:
        open_log.run("UPDATE audit_leaf SET index = %s WHERE index = 9", [index])
        assert open_log.verify().verdict is Verdict.TAMPERED

    def test_a_cut_tail_shows_by_what_is_left_over_it(self, open_log: Log) -> None:
        self._cut(open_log, 8)
        (finding,) = open_log.findings()
        assert (finding.code, finding.present, finding.first) == (FindingCode.TAIL_CUT, 8, 8)

    def _cut(self, log: Log, size: int) -> None:
        log.run("DELETE FROM audit_leaf WHERE index >= %s", [size])
        log.run("DELETE FROM audit_auditrow WHERE id = ANY(%s)", [log.rows[size:]])

    def test_a_clean_cut_shows_against_a_checkpoint_kept_elsewhere(self, open_log: Log) -> None:
        kept = latest()
        self._cut(open_log, 7)
        open_log.run("DELETE FROM audit_checkpoint WHERE size > 7")
        open_log.run("DELETE FROM audit_node WHERE (index + 1) << level > 7")
        assert open_log.verify().verdict is Verdict.INTACT
        (finding,) = open_log.findings(kept)
        assert (finding.code, finding.size, finding.present, finding.source) == (FindingCode.TAIL_CUT, 10, 7, "file 0")

    def test_rows_without_a_checkpoint_over_them_are_named(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_checkpoint WHERE size = 10")
        assert [(f.code, f.first, f.last) for f in open_log.findings()] == [(FindingCode.CHECKPOINT_MISSING, 7, 9)]

    def test_a_log_rebuilt_without_the_key_has_no_true_checkpoint(self, open_log: Log) -> None:
        open_log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [open_log.rows[1]])
        open_log.rewrite()
        stranger = Signer(open_log.signer.name, Ed25519PrivateKey.generate())
        head = Checkpoint.objects.get()
        text = open_log.signer.verifier.open(head.note)
        open_log.run("UPDATE audit_checkpoint SET note = %s", [stranger.sign(text)])
        assert codes(open_log.findings()) == [FindingCode.CHECKPOINT_MISSING, FindingCode.CHECKPOINT_FORGED]

    @pytest.mark.parametrize("change", ["root = decode(repeat('00', 32), 'hex')", "size = 6", "note = 'nothing'"])
    def test_a_checkpoint_changed_beside_its_signature_is_named(self, open_log: Log, change: str) -> None:
        open_log.run(f"UPDATE audit_checkpoint SET {change} WHERE size = 7")  # noqa: S608 - our own texts
        assert codes(open_log.findings()) == [FindingCode.CHECKPOINT_FORGED]


@pytest.mark.refusal
class TestTheLogRewrittenWithTheTrueKey:
    """The attacker has the database and the key. Only what others keep stands against him."""

    @pytest.fixture
    def kept(self, sealed: Log) -> str:
        """A checkpoint that somebody took away in time."""
        assert len(sealed.rows) == 10
        return latest()

    @pytest.fixture
    def rewritten(self, sealed: Log, kept: str) -> Log:
        assert kept
        sealed.lift_protection()
        sealed.run("UPDATE audit_auditrow SET reason = 'nothing happened' WHERE id = %s", [sealed.rows[4]])
        sealed.rewrite()
        return sealed

    def test_by_itself_it_looks_whole(self, rewritten: Log) -> None:
        assert rewritten.verify().verdict is Verdict.INTACT

    def test_a_checkpoint_kept_elsewhere_shows_it(self, rewritten: Log, kept: str) -> None:
        report = rewritten.verify(kept)
        assert report.verdict is Verdict.TAMPERED
        assert set(codes(report.findings)) == {FindingCode.HISTORY_REWRITTEN, FindingCode.HISTORY_FORKED}
        assert {(finding.size, finding.source) for finding in report.findings} == {(10, "file 0")}

    def test_also_after_it_has_grown(self, rewritten: Log, kept: str) -> None:
        rewritten.run("DELETE FROM audit_checkpoint")
        rewritten.run("DELETE FROM audit_leaf")
        rewritten.run("DELETE FROM audit_node")
        rewritten.write(5)
        rewritten.rewrite()
        (finding,) = rewritten.findings(kept)
        assert (finding.code, finding.first, finding.last) == (FindingCode.HISTORY_REWRITTEN, 0, 9)

    def test_two_checkpoints_say_between_which_rows_the_change_lies(self, log: Log) -> None:
        notes = []
        for batch in (4, 3, 3):
            log.sealed(batch)
            notes.append(latest())
        log.lift_protection()
        log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [log.rows[5]])
        log.rewrite()
        first, *_ = log.findings(*notes)
        assert (first.code, first.first, first.last) == (FindingCode.HISTORY_REWRITTEN, 4, 6)

    def test_the_log_s_own_checkpoints_signed_anew_do_not_say_where_the_change_lies(self, log: Log) -> None:
        log.sealed(6)
        elsewhere = [latest()]
        log.sealed(4)
        elsewhere.append(latest())
        log.lift_protection()
        log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [log.rows[2]])
        log.rewrite(5)  # signed over what agrees with the change: by these alone all is well
        assert log.verify().verdict is Verdict.INTACT
        rewritten = [one for one in log.findings(*elsewhere) if one.code is FindingCode.HISTORY_REWRITTEN]
        assert [(one.first, one.last) for one in rewritten] == [(0, 5), (0, 9)]

    def test_a_checkpoint_signed_over_another_log_is_contradicted_by_the_rows(self, rewritten: Log, kept: str) -> None:
        rewritten.run("UPDATE audit_checkpoint SET note = %s", [kept])
        root = rewritten.signer.verifier.open(kept).split("\n")[2]
        rewritten.run("UPDATE audit_checkpoint SET root = decode(%s, 'base64')", [root])
        (finding,) = rewritten.findings()
        assert (finding.code, finding.first, finding.last) == (FindingCode.CHECKPOINT_CONTRADICTED, 0, 9)


class TestWitnessesThatProveNothing:
    """A file that is no checkpoint of this log leaves the question open instead of answering it."""

    @pytest.mark.parametrize("note", ["", "nothing", "senim/1/audit\n5\nAAAA\n\n— x AAAAAAAA\n"])
    def test_no_checkpoint(self, sealed: Log, note: str) -> None:
        report = sealed.verify(note)
        assert report.verdict is Verdict.UNCHECKED
        assert codes(report.findings) == [FindingCode.WITNESS_REFUSED]

    def test_a_checkpoint_of_another_log(self, sealed: Log) -> None:
        other = Signer("senim/000140000002/other", sealed.signer.key)
        text = sealed.signer.verifier.open(latest())
        for note in (other.sign(text), sealed.signer.sign(text.replace("audit", "other"))):
            assert codes(sealed.findings(note)) == [FindingCode.WITNESS_REFUSED]

    def test_tampering_is_told_all_the_same(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_auditrow WHERE id = %s", [open_log.rows[0]])
        assert open_log.verify("nothing").verdict is Verdict.TAMPERED


def test_every_finding_explains_itself_and_says_what_to_do() -> None:
    for code in FindingCode:
        finding = Finding(code, row="r", first=1, last=2, size=3, present=2, source="s", reason="why", bound=60)
        told = finding.as_json()
        assert told["code"] == code.value
        assert "%(" not in str(told["explanation"])
        assert told["explanation"] != told["remedy"] != ""


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_finding_speaks_kazakh_and_russian(language: str) -> None:
    for code in FindingCode:
        finding = Finding(code, row="r", first=1, last=2, size=3, present=2, source="s", reason="why", bound=60)
        with translation.override("en"):
            english = (finding.explanation, finding.remedy)
        with translation.override(language):
            assert finding.explanation != english[0]
            assert finding.remedy != english[1]


def test_the_leaf_of_a_row_holds_every_column() -> None:
    from senim.audit.internal.leaf import FIELDS

    assert set(FIELDS) == {field.attname for field in AuditRow._meta.concrete_fields}
