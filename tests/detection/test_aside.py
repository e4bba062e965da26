"""What detection cannot take is kept whole, reported once for each reason, and tried again at every start."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from senim.detection import aside, queries
from senim.detection.internal.engine import Engine
from senim.detection.internal.memory import Rows
from senim.detection.models import Alert, SetAside
from senim.detection.process import Detector
from senim.events.models import Event
from senim.events.vocabulary.detection import DetectionEvent
from senim.kit.instance import Instance
from senim.kit.process import Process
from senim.kit.secrets import Secrets
from senim.telemetry.frames import BadFrame, encode
from senim.telemetry.parsers import UnknownKind
from tests.detection.test_engine import ACCEPTED, FAILED, GUESSED, TRIED, attack
from tests.detection.watch import frame_of
from tests.detection.writing import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(written(tmp_path, FAILED, ACCEPTED, TRIED, GUESSED))


def _keep(data: bytes, *, number: int = 7, reason: str = "not a frame") -> None:
    aside.keep(data, subject="ev.sshd", stream_seq=number, reason=reason)


def _news() -> list[Event]:
    return list(Event.objects.filter(tag=DetectionEvent.FRAME_SET_ASIDE))


def test_is_kept_whole_and_once() -> None:
    data = b"x" * 100_000
    _keep(data)
    _keep(data)
    row = SetAside.objects.get()
    assert (row.size, bytes(row.data), row.reason) == (100_000, data, "not a frame")
    (event,) = _news()
    assert event.payload["sha256"] == row.sha256


def test_is_news_once_for_each_reason() -> None:
    for number in range(5):
        _keep(b"x", number=number)
    _keep(b"x", number=9, reason="another")
    assert len(_news()) == 2


def test_a_later_release_takes_it_with_its_effect(engine: Engine) -> None:
    _keep(encode(frame_of(attack())), reason="UnknownKind: sshd was not known yet")
    (pk,) = aside.untaken()
    aside.try_again(pk, engine, Rows())
    assert Alert.objects.get().count == 4
    assert aside.untaken() == []
    assert not queries.set_aside().exists()


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"\xc1", BadFrame),
        (encode(msgspec.structs.replace(frame_of(["x"]), version=2)), BadFrame),
        (encode(frame_of(["x"], kind="tomorrow")), UnknownKind),
    ],
)
def test_what_is_still_impossible_stays(engine: Engine, data: bytes, refusal: type[Exception]) -> None:
    _keep(data)
    (pk,) = aside.untaken()
    with pytest.raises(refusal):
        aside.try_again(pk, engine, Rows())
    assert aside.untaken() == [pk]


def test_at_its_start_detection_takes_what_it_can_and_names_the_rest(
    engine: Engine, instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    _keep(b"\xc1", number=1)
    _keep(encode(frame_of(attack())), number=2)
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(1) as thread:
        Detector(Process("detection", instance, Secrets()), engine, thread).try_again()
    assert Alert.objects.count() == 1
    assert [row.stream_seq for row in queries.set_aside()] == [1]
    assert "of 2 messages set aside before, 1 were taken now" in caplog.text
