"""Transfers joined with their approvals, in the database: late lines, other files, killed and changed detections."""

from datetime import UTC, datetime, timedelta

import pytest

from senim.detection import operations
from senim.detection.figures import Figures
from senim.detection.internal.engine import Engine
from senim.detection.internal.memory import Rows
from senim.detection.internal.ruleset import Ruleset, load
from senim.detection.models import Alert, Remembered
from senim.detection.rules import OURS
from senim.events.models import Event
from senim.events.vocabulary.detection import DetectionEvent
from senim.telemetry.frames import Frame
from tests.detection.watch import frame_of, tidy
from tests.telemetry.payments import RECIPIENT, record

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1(5)")]

READ = datetime(2026, 11, 22, 10, 1, tzinfo=UTC)
WAIT = timedelta(seconds=Figures().approval_wait)
MOMENT = timedelta(microseconds=1)
NOBODY_ASKED = "Refund executed that nobody asked for"
UNKNOWN = "Money moved on an approval that nobody gave"
EARLIER = "2026-11-22T14:59:59+05:00"


def ours(figures: Figures | None = None) -> Ruleset:
    """Our rules but the one about who asked for a refund: what is looked at here is who approved it."""
    found = load({"ours": OURS}, figures)
    found.correlations = {k: one for k, one in found.correlations.items() if one.about.title != NOBODY_ASKED}
    return found


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(ours())


def frame(*lines: str, at: datetime = READ, first: int = 1, source: str = "payments", epoch: str = "e1") -> Frame:
    named = {"source": source, "read_at": at.timestamp(), "epoch": epoch}
    return frame_of(lines, kind="payments", first=first, **named)


def titles(alerts: list[Alert]) -> list[str]:
    return [alert.rule_title for alert in alerts]


class TestNobodyApproved:
    """Nothing came within the wait: that is what is told."""

    def test_it_is_told_when_the_wait_is_over_and_once(self, engine: Engine) -> None:
        assert operations.observe(engine, frame(record("executed"))) == []
        assert operations.judge(engine, taken_until=READ + WAIT) == []
        (alert,) = operations.judge(engine, taken_until=READ + WAIT + MOMENT)
        assert (alert.rule_title, alert.kind, alert.level) == (UNKNOWN, 5, "critical")
        assert (alert.target, alert.actor, alert.account) == ("billing", "bolat", RECIPIENT)
        assert [(line["source"], line["seq"]) for line in alert.evidence] == [("payments", 1)]
        assert alert.explanation["because"]["asks"]["wait_s"] == WAIT.seconds
        assert operations.judge(engine, taken_until=READ + timedelta(days=1)) == []
        assert not operations.does_anything_wait()

    def test_its_news_are_written_with_it(self, engine: Engine) -> None:
        operations.observe(engine, frame(record("executed")))
        (alert,) = operations.judge(engine, taken_until=READ + 2 * WAIT)
        (event,) = Event.objects.filter(tag=DetectionEvent.ALERT_RAISED.value)
        assert event.payload == {"alert": str(alert.pk)}

    def test_every_such_transfer_is_told(self, engine: Engine) -> None:
        lines = [record("executed", refund=f"rf-{n}", execution=f"ex-{n}", approval=f"ap-{n}") for n in range(3)]
        operations.observe(engine, frame(*lines))
        assert titles(operations.judge(engine, taken_until=READ + 2 * WAIT)) == [UNKNOWN] * 3

    def test_a_detection_that_was_killed_goes_on_waiting(self, engine: Engine) -> None:
        operations.observe(engine, frame(record("executed")), memory=Rows())
        another = Engine(ours())
        assert operations.does_anything_wait()
        assert titles(operations.judge(another, taken_until=READ + 2 * WAIT, memory=Rows())) == [UNKNOWN]

    def test_what_fails_leaves_it_waiting(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        memory = Rows()
        operations.observe(engine, frame(record("executed")), memory=memory)
        with monkeypatch.context() as broken:
            broken.setattr(operations, "_raise", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                operations.judge(engine, taken_until=READ + 2 * WAIT, memory=memory)
        assert titles(operations.judge(engine, taken_until=READ + 2 * WAIT, memory=memory)) == [UNKNOWN]

    def test_an_approval_that_was_read_too_late_is_none(self, engine: Engine) -> None:
        operations.observe(engine, frame(record("executed")))
        late = frame(record("approved", at=EARLIER), at=READ + WAIT + MOMENT, source="approvals")
        assert titles(operations.observe(engine, late)) == [UNKNOWN]


@pytest.mark.refusal
class TestSomebodyDid:
    """An approval that was read in time, from wherever, is one."""

    def nothing(self, engine: Engine, *frames: Frame) -> None:
        assert [titles(operations.observe(engine, one)) for one in frames] == [[]] * len(frames)
        assert operations.judge(engine, taken_until=READ + timedelta(days=1)) == []
        assert not operations.does_anything_wait()

    def test_before_it(self, engine: Engine) -> None:
        self.nothing(engine, frame(record("approved", at=EARLIER), record("executed")))

    def test_in_a_frame_of_its_own_before_it(self, engine: Engine) -> None:
        self.nothing(
            engine,
            frame(record("approved", at=EARLIER)),
            frame(record("executed"), first=2, at=READ + timedelta(days=30)),
        )

    def test_behind_it_from_the_same_file(self, engine: Engine) -> None:
        self.nothing(engine, frame(record("executed"), record("approved", at=EARLIER)))

    def test_from_another_file_at_the_last_moment(self, engine: Engine) -> None:
        late = frame(record("approved", at=EARLIER), at=READ + WAIT, source="approvals")
        self.nothing(engine, frame(record("executed")), late)

    def test_though_detection_was_killed_in_between(self, engine: Engine) -> None:
        operations.observe(engine, frame(record("executed")), memory=Rows())
        late = frame(record("approved", at=EARLIER), at=READ + WAIT, source="approvals")
        self.nothing(Engine(ours()), late)


class TestNothingInSilence:
    """What waits is neither tidied away nor forgotten unsaid."""

    def test_tidying_leaves_what_waits(self, engine: Engine) -> None:
        memory = Rows()
        operations.observe(engine, frame(record("executed")), memory=memory)
        tidy(engine, read_until=READ + timedelta(days=365), most_groups=0, memory=memory)
        assert titles(operations.judge(engine, taken_until=READ + 2 * WAIT, memory=memory)) == [UNKNOWN]
        tidy(engine, read_until=READ + timedelta(days=365), most_groups=0, memory=memory)
        assert not Remembered.objects.exists()

    @pytest.mark.parametrize(("wait", "forgotten"), [(Figures().approval_wait, 0), (Figures().approval_wait + 1, 1)])
    def test_a_rule_that_is_another_now_says_that_something_waited(
        self, engine: Engine, wait: int, forgotten: int
    ) -> None:
        operations.observe(engine, frame(record("executed")))
        operations.take_rules(ours(Figures(approval_wait=wait)))
        events = Event.objects.filter(tag=DetectionEvent.WAITING_FORGOTTEN.value)
        assert [event.payload["groups"] for event in events] == [1] * forgotten

    def test_many_that_wait_are_judged_in_turns(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("senim.detection.internal.memory.MOST_JUDGED", 2)
        lines = [record("executed", refund=f"rf-{n}", execution=f"ex-{n}", approval=f"ap-{n}") for n in range(5)]
        operations.observe(engine, frame(*lines))
        told = [len(operations.judge(engine, taken_until=READ + 2 * WAIT)) for _ in range(4)]
        assert told == [2, 2, 1, 0]


class TestOtherBreaches:
    """What needs no waiting is told at once, sums from however many frames."""

    def test_a_sum_over_many_frames_and_detections(self) -> None:
        figures = Figures(refunds_a_day=1000)
        raised: list[str] = []
        for n in range(300):
            if n % 100 == 0:  # another detection, with nothing in mind
                engine = Engine(ours(figures))
            line = record("executed", refund=f"rf-{n}", execution=f"ex-{n}", approval=f"ap-{n}", amount=4)
            raised += titles(operations.observe(engine, frame(line, first=n + 1)))
            if n == 249:
                assert "More paid in a day than its limit" not in raised
        assert raised[0] == "More paid in a day than its limit"

    @pytest.mark.parametrize(
        ("amount", "told"), [(1_500_000, []), (1_500_001, ["Refund executed otherwise than approved"])]
    )
    def test_what_is_paid_is_what_was_approved(self, engine: Engine, amount: int, told: list[str]) -> None:
        lines = record("approved", at=EARLIER), record("executed", amount=amount)
        assert titles(operations.observe(engine, frame(*lines))) == told


class TestTheRestOfAnAttack:
    """What came after the last alert of a spell is told when it has been quiet: no transfer is in no alert."""

    TITLE = "Money moved without an approval"
    QUIET = timedelta(seconds=60)

    def seen(self, engine: Engine, many: int, memory: Rows | None = None) -> list[int]:
        """How many events each alert counts of `many` transfers without an approval."""
        lines = [record("executed", refund=f"rf-{n}", execution=f"ex-{n}", approval="") for n in range(many)]
        alerts = operations.observe(engine, frame(*lines), memory=memory)
        assert set(titles(alerts)) == {self.TITLE}
        return [alert.count for alert in alerts]

    def rest(self, engine: Engine, after: timedelta) -> list[Alert]:
        return operations.judge(engine, taken_until=READ + after)

    @pytest.mark.parametrize(("many", "left"), [(3, 1), (5, 1), (7, 3)])
    def test_it_is_told_once_with_its_lines(self, engine: Engine, many: int, left: int) -> None:
        told = self.seen(engine, many)
        assert self.rest(engine, self.QUIET) == []
        assert operations.does_anything_wait()
        (alert,) = self.rest(engine, self.QUIET + MOMENT)
        assert (alert.rule_title, alert.kind, alert.count) == (self.TITLE, 5, left)
        assert [line["seq"] for line in alert.evidence][-left:] == list(range(many - left + 1, many + 1))
        assert sum(told) + alert.count == many
        assert self.rest(engine, timedelta(days=1)) == []
        assert not operations.does_anything_wait()

    @pytest.mark.refusal
    @pytest.mark.parametrize("many", [1, 2, 4, 8])
    def test_where_all_is_told_nothing_waits(self, engine: Engine, many: int) -> None:
        assert sum(self.seen(engine, many)) == many
        assert not operations.does_anything_wait()
        assert self.rest(engine, timedelta(days=1)) == []

    def test_a_detection_that_was_killed_tells_it(self, engine: Engine) -> None:
        self.seen(engine, 3, Rows())
        another = Engine(ours())
        (alert,) = operations.judge(another, taken_until=READ + 2 * self.QUIET, memory=Rows())
        assert alert.count == 1

    def test_while_it_goes_on_it_is_not_quiet(self, engine: Engine) -> None:
        self.seen(engine, 5)
        later = frame(record("executed", refund="rf-9", execution="ex-9", approval=""), at=READ + self.QUIET, first=6)
        assert operations.observe(engine, later) == []
        assert self.rest(engine, 2 * self.QUIET) == []
        (alert,) = self.rest(engine, 2 * self.QUIET + MOMENT)
        assert alert.count == 2

    @pytest.mark.parametrize(("after", "told"), [(timedelta(minutes=10), 0), (timedelta(minutes=10) + MOMENT, 1)])
    def test_what_a_person_has_to_look_at_comes_when_it_is_over(
        self, engine: Engine, after: timedelta, told: int
    ) -> None:
        signed_in = (
            "2026-11-22T14:59:0{}+05:00 bureau-1 sshd[7]: Accepted password for root from 203.0.113.9 port 7 ssh2"
        )
        one = frame_of([signed_in.format(n) for n in range(3)], kind="sshd", read_at=READ.timestamp())
        assert [alert.count for alert in operations.observe(engine, one)] == [1, 1]
        assert len(self.rest(engine, after)) == told

    def test_each_victim_has_a_rest_of_its_own(self, engine: Engine) -> None:
        whom = ["a", "b"] * 3
        lines = [
            record("executed", refund=f"rf-{n}", execution=f"ex-{n}", approval="", recipient=f"client-{who * 16}")
            for n, who in enumerate(whom)
        ]
        operations.observe(engine, frame(*lines))
        assert [(alert.account[-1], alert.count) for alert in self.rest(engine, 2 * self.QUIET)] == [("a", 1), ("b", 1)]
