"""The first exercise of a demonstration counts as played only when it went as it should."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import translation

from senim.kit.instance import Instance
from senim.site import welcome
from senim.site.welcome import play_once

_PYTHON = sys.executable


@pytest.fixture
def drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the drill be another program, given as Python text."""
    program = tmp_path / "drill"

    def be(text: str) -> None:
        program.write_text(f"#!{_PYTHON}\nimport sys, time\n{text}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))

    return be


@pytest.fixture
def played(instance: Instance) -> Iterator[Callable[..., str]]:
    """What the supervisor says when it comes to the first exercise."""

    def play(meanwhile: Callable[[], None] = lambda: None) -> str:
        said: list[str] = []
        with translation.override("en"):
            play_once(instance, said.append, meanwhile)
        return "\n".join(said)

    yield play
    welcome.first_exercise(instance).unlink(missing_ok=True)


@pytest.mark.parametrize("code", [1, 2, 130])
def test_a_failure_is_told_and_played_again(drill: Callable[[str], None], played: Callable[[], str], code: int) -> None:
    drill(f"print('sshd did not start', file=sys.stderr); sys.exit({code})")
    for _ in range(2):
        told = played()
        assert "did NOT go as it should" in told
        assert "sshd did not start" in told
        assert "senim drill --kind 2" in told
    drill("print('incident 2026-000001')")
    assert "incident 2026-000001" in played()


def test_a_success_is_played_once(drill: Callable[[str], None], played: Callable[[], str]) -> None:
    drill("print('incident 2026-000001')")
    assert "Playing" in played()
    drill("print('incident 2026-000002')")
    told = played()
    assert "Playing" not in told
    assert "incident 2026-000001" in told


def test_the_children_are_looked_after_meanwhile(
    drill: Callable[[str], None], played: Callable[..., str], tmp_path: Path
) -> None:
    """The drill of this test goes on only when the supervisor has looked after its children."""
    sign = tmp_path / "looked"
    drill(f"import pathlib\nwhile not pathlib.Path({str(sign)!r}).exists(): time.sleep(0.01)\nprint('done')")
    assert "done" in played(sign.touch)


def test_what_ends_the_supervisor_ends_the_exercise(drill: Callable[[str], None], played: Callable[..., str]) -> None:
    drill("time.sleep(600)")

    def stop() -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        played(stop)
    assert time.monotonic() - began < 300
