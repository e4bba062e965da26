"""Taking frames: one transaction, each line once, whatever is delivered again and whoever is killed."""

import datetime as dt
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from senim.detection import operations, queries
from senim.detection.internal.engine import Engine
from senim.detection.internal.ruleset import load
from senim.detection.models import Alert, Remembered, RuleStatus
from senim.events.models import Event
from senim.events.vocabulary.detection import DetectionEvent
from senim.kit.clock import now
from senim.telemetry.models import Ledger
from senim.telemetry.parsers import UnknownKind
from tests.detection.test_engine import ACCEPTED, FAILED, GUESSED, TRIED, attack, line
from tests.detection.watch import frame_of, tidy
from tests.detection.writing import base, rule_id, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(written(tmp_path, FAILED, ACCEPTED, TRIED, GUESSED))


def news(tag: DetectionEvent) -> list[Event]:
    return list(Event.objects.filter(tag=tag.value))


class TestObserving:
    """Frames become alerts."""

    @pytest.mark.clause("R228/81-1(2)")
    @pytest.mark.clause("R228/81-1", "R228/81-2")
    def test_an_attack_raises_an_alert_and_its_news(self, engine: Engine) -> None:
        (alert,) = operations.observe(engine, frame_of(attack()))
        kept = queries.alert(alert.pk)
        assert (kept.kind, kept.target, kept.actor, kept.account) == (2, "h1", "203.0.113.9", "aigerim")
        assert (kept.count, kept.level, kept.source) == (4, "high", "sshd")
        assert kept.last_at - kept.first_at == timedelta(seconds=3)
        assert [part["seq"] for part in kept.evidence] == [1, 2, 3, 4]
        (event,) = news(DetectionEvent.ALERT_RAISED)
        assert (event.subject, event.payload) == (f"alert:{alert.pk}", {"alert": str(alert.pk)})

    @pytest.mark.clause("R228/81-1(2)")
    @pytest.mark.refusal
    def test_one_refusal_too_few_raises_nothing(self, engine: Engine) -> None:
        assert operations.observe(engine, frame_of(attack(2))) == []
        assert news(DetectionEvent.ALERT_RAISED) == []

    def test_a_frame_that_comes_again_has_no_second_effect(self, engine: Engine) -> None:
        frame = frame_of(attack())
        assert len(operations.observe(engine, frame)) == 1
        assert operations.observe(engine, frame) == []
        assert operations.observe(engine, frame, frame) == []
        assert Alert.objects.count() == 1

    @pytest.mark.parametrize("cut", range(1, 4))
    def test_what_is_remembered_outlives_the_process(self, engine: Engine, tmp_path: Path, cut: int) -> None:
        lines = attack()
        assert operations.observe(engine, frame_of(lines[:cut])) == []
        another = Engine(load({"test": tmp_path}))
        (alert,) = operations.observe(another, frame_of(lines[cut:], first=cut + 1))
        assert alert.count == 4

    def test_several_frames_of_several_sources_go_together(self, engine: Engine) -> None:
        lines = attack()
        frames = [frame_of([one], source=f"s{n}") for n, one in enumerate(lines)]
        (alert,) = operations.observe(engine, *frames)
        assert [part["source"] for part in alert.evidence] == ["s0", "s1", "s2", "s3"]

    def test_what_fails_leaves_nothing(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_arguments: object) -> None:
            raise RuntimeError("killed here")

        frame = frame_of(attack())
        with monkeypatch.context() as patched:
            patched.setattr(operations, "emit_all", fail)
            with pytest.raises(RuntimeError, match="killed here"):
                operations.observe(engine, frame)
        assert [Alert.objects.count(), Remembered.objects.count(), Ledger.objects.count()] == [0, 0, 0]
        assert len(operations.observe(engine, frame)) == 1

    def test_a_frame_that_nobody_can_read_is_refused(self, engine: Engine) -> None:
        with pytest.raises(UnknownKind):
            operations.observe(engine, frame_of(["x"], kind="smoke-signals"))

    @pytest.mark.parametrize(
        "data",
        [b"", b"\x00" * 50, b"\xff\xfe\x80" * 100, b"x" * 1_000_000, "Failed password for \u202e".encode()],
    )
    def test_garbage_is_taken_and_raises_nothing(self, engine: Engine, data: bytes) -> None:
        assert operations.observe(engine, frame_of([data] * 3)) == []
        assert Ledger.objects.get().lines == 3

    def test_control_characters_of_a_stranger_reach_nobody(self, engine: Engine) -> None:
        user = "a\x00b\x1b[2J\ud800".encode("utf-8", "surrogatepass")
        lines = [one.encode().replace(b"aigerim", user) for one in attack()]
        (alert,) = operations.observe(engine, frame_of(lines))
        kept = queries.alert(alert.pk)
        assert kept.account.isprintable()
        assert all(part["text"].isprintable() for part in kept.evidence)

    def test_a_surrogate_in_an_event_row_is_taken(self, tmp_path: Path) -> None:
        platform = base("p", {"s": {"tag": "t"}, "condition": "s"}, logsource={"product": "senim"})
        found = written(tmp_path, {**platform, "senim": {"target": "host", "account": "user"}})
        row = '{"at":"2026-11-22T09:00:00.000Z","id":"1","payload":{"user":"\\ud800\\u0000"},"subject":"x","tag":"t"}'
        (alert,) = operations.observe(Engine(found), frame_of([row], kind="platform"))
        assert alert.account == "\\ud800\\x00"

    def test_times_that_lines_claim_falsely_are_counted(self, engine: Engine) -> None:
        operations.observe(engine, frame_of([line(0).replace("2026", "2031")]))
        assert Ledger.objects.get().flaws == {"time-future": 1}


class TestAlertRows:
    """Written once."""

    @pytest.mark.parametrize("statement", ["UPDATE detection_alert SET count = 0", "DELETE FROM detection_alert"])
    def test_are_never_changed(self, engine: Engine, statement: str) -> None:
        operations.observe(engine, frame_of(attack()))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_can_be_looked_for(self, engine: Engine) -> None:
        (alert,) = operations.observe(engine, frame_of(attack()))
        assert list(queries.alerts(kind=2, target="h1", since=alert.raised_at, until=alert.raised_at)) == [alert]
        assert not queries.alerts(kind=3).exists()
        assert not queries.alerts(actor="198.51.100.1").exists()
        assert not queries.alerts(since=alert.raised_at + timedelta(microseconds=1)).exists()


class TestForgetting:
    """What correlation remembers is bounded."""

    YESTERDAY = now().replace(microsecond=0) - timedelta(days=1)

    def half(self, engine: Engine, read_at: dt.datetime, name: str = "aigerim", first: int = 1) -> None:
        operations.observe(engine, frame_of([line(0, user=name)], read_at=read_at.timestamp(), first=first))

    @pytest.mark.parametrize(("beyond", "left"), [(0, 1), (1, 0)])
    def test_a_group_goes_when_nothing_can_join_it_any_more(self, engine: Engine, beyond: int, left: int) -> None:
        self.half(engine, self.YESTERDAY)
        retention = engine.rules.correlations[rule_id("tried")].condition.retention
        tidy(engine, read_until=self.YESTERDAY + timedelta(microseconds=retention + beyond))
        assert Remembered.objects.count() == left

    def test_a_clock_that_runs_ahead_makes_nothing_go(self, engine: Engine) -> None:
        self.half(engine, now())
        tidy(engine, read_until=now() + timedelta(days=3650))
        assert Remembered.objects.count() == 1

    def test_of_too_many_the_oldest_go_and_are_counted(self, engine: Engine) -> None:
        operations.take_rules(engine.rules)
        moments = [self.YESTERDAY + timedelta(seconds=number) for number in range(5)]
        for number, read_at in enumerate(moments):
            self.half(engine, read_at, f"user{number}", first=number + 1)
        assert tidy(engine, read_until=self.YESTERDAY, most_groups=2) == 3
        assert [row.read_at for row in Remembered.objects.order_by("read_at")] == moments[3:]
        assert RuleStatus.objects.get(pk=rule_id("tried")).groups_let_go == 3

    def test_few_go_at_once(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(operations, "_MOST_FORGOTTEN", 2)
        for number in range(5):
            self.half(engine, self.YESTERDAY, f"user{number}", first=number + 1)
        for left in (3, 1, 0):
            tidy(engine, read_until=now())
            assert Remembered.objects.count() == left

    def test_what_another_text_of_a_rule_remembered_is_not_used(self, engine: Engine, tmp_path: Path) -> None:
        lines = attack()
        operations.observe(engine, frame_of(lines[:2]))
        changed = Engine(written(tmp_path, FAILED, ACCEPTED, {**TRIED, "description": "anew"}, GUESSED))
        assert operations.observe(changed, frame_of(lines[2:], first=3)) == []
        operations.take_rules(engine.rules)
        revisions = {rule.about.revision for rule in engine.rules.correlations.values()}
        assert {row.revision for row in Remembered.objects.all()} <= revisions


class TestRules:
    """How the rules stand is seen by people."""

    def test_loaded_and_refused_are_written_down(self, tmp_path: Path) -> None:
        bad = base("bad", {"s": {"m|re": "(a+)+"}, "condition": "s"})
        operations.take_rules(written(tmp_path, FAILED, ACCEPTED, TRIED, GUESSED, bad))
        rows = {row.title: row for row in queries.rules()}
        assert rows["bad"].state == RuleStatus.State.REFUSED
        assert "exponentially" in rows["bad"].reason
        assert (rows["guessed"].state, rows["guessed"].kind, rows["guessed"].alerts) == ("loaded", 2, True)
        assert (rows["failed"].telemetry, rows["failed"].alerts) == (["sshd"], False)

    def test_a_refusal_is_news_once(self, tmp_path: Path) -> None:
        bad = base("bad", {"s": {"m|re": "(a+)+"}, "condition": "s"})
        found = written(tmp_path, FAILED, bad)
        assert [one.title for one in operations.take_rules(found)] == ["bad"]
        assert operations.take_rules(found) == []
        (event,) = news(DetectionEvent.RULE_REFUSED)
        assert event.subject == f"rule:{rule_id('bad')}"
        assert "exponentially" in event.payload["reason"]
        worse = {**bad, "detection": {"s": {"m|re": "("}, "condition": "s"}}
        assert len(operations.take_rules(written(tmp_path, FAILED, worse))) == 1

    def test_since_when_it_stands_so_is_kept(self, engine: Engine) -> None:
        operations.take_rules(engine.rules)
        long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        RuleStatus.objects.update(since=long_ago)
        operations.take_rules(engine.rules)
        assert set(RuleStatus.objects.values_list("since", flat=True)) == {long_ago}
