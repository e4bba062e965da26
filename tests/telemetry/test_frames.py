"""Frames survive the way through the stream, and nothing else is taken for one."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.telemetry import frames
from senim.telemetry.frames import BadFrame, Frame, Line


def frame_of(*numbers: int, zone: str = "UTC", version: int = 1) -> Frame:
    lines = tuple(Line(number, 1_790_000_000.5, b"\xff\x00 line") for number in numbers)
    return Frame("sshd", "sshd", "gate-1", "e1", lines, version, zone)


def frame_read_at(moment: float) -> Frame:
    return Frame("sshd", "sshd", "gate-1", "e1", (Line(1, moment, b"a line"),))


def test_a_frame_comes_back_as_it_was() -> None:
    frame = frame_of(7, 8, 9, zone="Asia/Almaty")
    assert frames.decode(frames.encode(frame)) == frame
    assert (frame.first, frame.last, frame.id) == (7, 9, "sshd.e1.7")


def sign_of_life(number: int, moment: float, zone: str = "UTC") -> Frame:
    return Frame("sshd", "sshd", "gate-1", "e1", (), zone=zone, next=number, at=moment)


def test_a_sign_of_life_says_what_comes_next_and_when_was_read() -> None:
    sign = sign_of_life(10, 1_790_000_000.5)
    assert frames.decode(frames.encode(sign)) == sign
    assert (sign.first, sign.last, sign.read_until.timestamp()) == (10, 9, 1_790_000_000.5)


def test_a_sign_of_life_is_never_taken_for_lines_nor_for_another_sign() -> None:
    names = {sign_of_life(7, 1.0).id, sign_of_life(7, 2.0).id, frame_of(7).id}
    assert len(names) == 3


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (frame_of(), "without lines"),
        (sign_of_life(1, -1.0), "without lines"),
        (sign_of_life(1, float("nan")), "without lines"),
        (sign_of_life(1, 1e300), "without lines"),
        (sign_of_life(0, 1.0), "numbered"),
        (sign_of_life(1, 1.0, zone="Asia/Nowhere"), "time zone"),
        (frame_of(1, 3), "numbered"),
        (frame_of(2, 1), "numbered"),
        (frame_of(0, 1), "numbered"),
        (frame_of(1, version=2), "version 2"),
        (frame_of(1, zone="Asia/Nowhere"), "time zone"),
        (frame_of(1, zone="../etc/passwd"), "time zone"),
        (frame_of(1, zone="Asia"), "time zone"),
        (frame_of(1, zone="z" * 300), "time zone"),
        *((frame_read_at(moment), "a line that says no time") for moment in (0.0, -1.0, float("nan"), 1e300)),
    ],
)
def test_what_is_no_frame_is_refused_by_name(frame: Frame, reason: str) -> None:
    with pytest.raises(BadFrame, match=reason):
        frames.decode(frames.encode(frame))


@given(st.binary())
def test_garbage_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(BadFrame):
        frames.decode(data)


def test_a_frame_with_a_field_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(BadFrame, match="not a frame"):
        frames.decode(msgspec.msgpack.encode({"source": 1}))


def test_a_frame_with_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadFrame, match="not a frame"):
        frames.decode(frames.encode(frame_of(1)).replace(b"gate-1", b"gate-\xff"))


def test_flaws_are_named_with_their_figures() -> None:
    assert frames.flaws(Line(1, 0.0, b"", "truncated:934465,not-utf8")) == {"truncated": 934465, "not-utf8": 1}
    assert frames.flaws(Line(1, 0.0, b"")) == {}
