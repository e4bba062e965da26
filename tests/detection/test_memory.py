"""What a detector holds in its process and what the database holds are the same, whoever wrote last."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senim.detection import operations
from senim.detection.internal.engine import Engine
from senim.detection.internal.memory import Rows
from senim.detection.models import Remembered, RememberedMark
from tests.detection.test_engine import ACCEPTED, FAILED, GUESSED, TRIED, attack, line
from tests.detection.watch import Watch, frame_of, tidy
from tests.detection.writing import written

pytestmark = pytest.mark.django_db

LINES = st.builds(
    line,
    second=st.integers(0, 1800),
    verb=st.sampled_from(["Failed", "Failed", "Failed", "Accepted"]),
    user=st.sampled_from(["aigerim", "bolat"]),
    ip=st.sampled_from(["203.0.113.9", "203.0.113.10"]),
)


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(written(tmp_path_factory.mktemp("rules"), FAILED, ACCEPTED, TRIED, GUESSED))


def _told(alerts: list[operations.Alert]) -> list[tuple[str, int, str, int]]:
    return [(a.rule_title, a.count, a.account, len(a.evidence)) for a in alerts]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    turns=st.lists(st.tuples(st.lists(LINES, min_size=1, max_size=12), st.integers(0, 2)), max_size=8),
    most_held=st.sampled_from([0, 5, 50_000]),
)
def test_detectors_that_take_turns_tell_what_one_with_everything_in_mind_tells(
    engine: Engine, turns: list[tuple[list[str], int]], most_held: int
) -> None:
    detectors = [Rows(most_held), Rows(most_held), None]
    watch, epoch = Watch(engine), f"e{_fresh()}"
    first = 1
    for lines, who in turns:
        frame = frame_of(lines, first=first, epoch=epoch)
        first += len(lines)
        expected = [(t.rule.about.title, t.count, t.facts["user"], len(t.evidence)) for t in watch.see(frame)]
        assert _told(operations.observe(engine, frame, memory=detectors[who])) == expected
    Remembered.objects.all().delete()


_epochs = iter(range(1_000_000))


def _fresh() -> int:
    """Every example has lines of its own: the ledger takes none twice."""
    return next(_epochs)


def test_what_did_not_commit_is_not_held(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Rows()
    failures, success = attack()[:3], attack()[3:]
    operations.observe(engine, frame_of(failures[:2]), memory=memory)
    with monkeypatch.context() as broken:
        broken.setattr(operations, "_seen", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            operations.observe(engine, frame_of(failures[2:], first=3), memory=memory)
    (alert,) = [
        *operations.observe(engine, frame_of(failures[2:], first=3), memory=memory),
        *operations.observe(engine, frame_of(success, first=4), memory=memory),
    ]
    assert alert.count == 4


def test_what_is_tidied_away_is_gone_from_both(engine: Engine) -> None:
    memory = Rows()
    operations.observe(engine, frame_of(attack()[:3]), memory=memory)
    assert RememberedMark.objects.exists()
    tidy(engine, read_until=operations.read_clock(), most_groups=0, memory=memory)
    assert not Remembered.objects.exists()
    assert not RememberedMark.objects.exists()
    assert operations.observe(engine, frame_of(attack()[3:], first=4), memory=memory) == []


def test_a_growing_attack_writes_what_is_new(engine: Engine) -> None:
    memory = Rows()
    operations.observe(engine, frame_of([line(n) for n in range(100)]), memory=memory)
    before = dict(RememberedMark.objects.values_list("pk", "state"))
    operations.observe(engine, frame_of([line(100)], first=101), memory=memory)
    after = dict(RememberedMark.objects.values_list("pk", "state"))
    assert len(after) > len(before)
    assert all(after.get(pk, state) == state for pk, state in before.items())
