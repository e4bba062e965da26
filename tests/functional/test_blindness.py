"""*Now* does not stay green when the house is blind: a process that hangs, a source that fails, lines that are lost."""

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from senim.kit.files import write_durably, write_private
from senim.site.embedded import place
from senim.site.welcome import first_exercise
from senim.telemetry.settings import PLATFORM, telemetry_settings
from tests.functional.every_kind import watch_for_every_kind
from tests.functional.house import House, new_folder, wait_until
from tests.functional.staff import Person
from tests.functional.test_collector import append

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81-2"), pytest.mark.refusal]
WELL = "Every check was made"
NOTE = "logrotate was set to copytruncate; set right"


def follow(house: House, name: str) -> Path:
    """A file that the house will follow as the source `name`, and nobody else writes."""
    log = house.home / "state" / name / "auth.log"
    log.parent.mkdir()
    log.touch()
    with (house.home / "senim.toml").open("a") as settings:
        settings.write(f'[[telemetry.sources]]\nname = "{name}"\nkind = "file"\npath = "{log}"\nreads = "sshd"\n')
    return log


@contextmanager
def quiet_house() -> Iterator[House]:
    """A founded house in which nothing will happen by itself."""
    folder = new_folder()
    house = House.founded(folder)
    write_durably(first_exercise(house.instance), b"not played: this house is a test's own\n")
    house.log.parent.mkdir(parents=True, exist_ok=True)
    house.log.touch()
    watch_for_every_kind(house)
    try:
        yield house
    finally:
        house.stop()
        place.forget(house.instance)
        shutil.rmtree(folder, ignore_errors=True)


def line(number: int) -> bytes:
    return b"Connection closed by 192.0.2.7 port %d\n" % number


class Watched:
    """A quiet house and somebody who looks at its first page."""

    def __init__(self, house: House, person: Person) -> None:
        self.house = house
        self.person = person

    def says(self, *texts: str) -> bool:
        """Whether the first page says all of `texts`; `{all}` stands for the names of all sources."""
        page = self.person.reads()
        return all(text.format(all=self.names) in page for text in texts)

    @property
    def names(self) -> str:
        """All sources, as the first page names them."""
        named = {PLATFORM, *(source.name for source in telemetry_settings(self.house.instance).sources)}
        return ", ".join(f"“{name}”" for name in sorted(named))

    def waits_until_well(self) -> None:
        wait_until(lambda: self.says(WELL), what="a first page that says that all is well")

    def sources(self, code: int) -> dict[str, dict[str, Any]]:
        """What `senim sources` tells of each source, with this exit code."""
        done = self.house.command("sources", "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return {told["source"]: told for told in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with quiet_house() as house:
        follow(house, "gate")
        with Person(house.start()) as person:
            yield Watched(house, person.called("head"))


@contextmanager
def stopped(house: House, name: str) -> Iterator[None]:
    """The process hangs: it holds its connections and does nothing."""
    pid = house.pid_of(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


NOT_ANALYSED = "What is read of the sources {all} is not analysed since"
NOT_KNOWN = "Nothing is known of the sources {all} since"
NO_STREAM = "The sources {all} are not in order since"


@pytest.mark.parametrize(
    ("names", "consequence"),
    [(("collector",), NOT_KNOWN), (("detection",), NOT_ANALYSED), (("sealer", "asoi", "worker"), "")],
)
def test_processes_that_hang_while_nothing_happens_are_named_and_all_is_well_when_they_go_on(
    watched: Watched, names: tuple[str, ...], consequence: str
) -> None:
    watched.waits_until_well()
    with ExitStack() as hanging:
        for name in names:
            hanging.enter_context(stopped(watched.house, name))
        told = [f"The process {name} runs and does nothing since" for name in names]
        wait_until(lambda: watched.says(*told, consequence), what=f"{names} named")
        assert not watched.says(WELL)
    watched.waits_until_well()


def test_a_stream_that_hangs_while_nothing_happens_is_named(watched: Watched) -> None:
    watched.waits_until_well()
    with stopped(watched.house, "nats"):
        wait_until(lambda: watched.says(NO_STREAM, "The durable stream does not answer"), what="the stream named")
        assert not watched.says("runs and does nothing")
    watched.waits_until_well()


def test_signs_of_life_are_no_lines(watched: Watched) -> None:
    watched.waits_until_well()
    gate = watched.sources(0)["gate"]
    assert (gate["state"], gate["lines"], gate["last_line_at"], gate["missing"]) == ("read", 0, None, 0)


def test_the_command_tells_whether_it_could_be_checked(watched: Watched) -> None:
    watched.waits_until_well()
    with stopped(watched.house, "collector"):
        wait_until(lambda: watched.house.command("sources").returncode == 2, what="nobody knows")
        assert {source["state"] for source in watched.sources(2).values()} == {"unknown"}
    watched.waits_until_well()


def test_a_command_that_cannot_be_read_is_told_so(watched: Watched) -> None:
    assert watched.house.command("sources", "--of-nothing").returncode == 3
    assert watched.house.command("sources", SENIM_HOME="/nowhere").returncode == 3


def test_a_loss_is_said_until_somebody_acknowledges_it_and_kept_for_ever(watched: Watched) -> None:
    watched.waits_until_well()
    log = watched.house.home / "state" / "gate" / "auth.log"
    append(log, line(1) + line(2))
    wait_until(lambda: watched.sources(0)["gate"]["lines"] == 2, what="the lines")
    log.write_bytes(b"")
    append(log, b"x" * 100_000 + b"\n")
    wait_until(lambda: watched.says("1 loss of lines of the source “gate” waits for a person"), what="the loss named")
    wait_until(lambda: watched.says("<b>1</b> too long, cut (34464 bytes cut)"), what="the flaw named")
    gate = watched.sources(1)["gate"]
    assert (gate["state"], gate["last_loss"], gate["unseen"]) == ("read", "truncated", 1)
    assert (gate["flaws"]["truncated"], gate["bytes_cut"]) == (1, 34_464)
    boxes = re.findall(r'name="loss" value="([^"]+)"', watched.person.reads("sources/gate/acknowledge/"))
    watched.person.sends("sources/gate/acknowledge/", {"loss": boxes, "note": NOTE})
    watched.waits_until_well()
    gate = watched.sources(0)["gate"]
    assert (gate["losses"], gate["unseen"]) == (1, 0)
    assert NOTE in watched.person.reads("sources/gate/")


def test_what_fails_in_one_source_stops_no_other_and_is_tried_until_it_goes(fresh_house: House) -> None:
    broken, sound = follow(fresh_house, "broken"), follow(fresh_house, "sound")
    # No collector wrote this place, and that reading it fails in this way nobody foresaw.
    place_of_broken = fresh_house.instance.state("collector") / "broken.json"
    write_private(place_of_broken, b'{"epoch": "f", "next": 1, "place": ' + b"[" * 1_000_000)
    append(broken, line(1))
    append(sound, line(1))
    house = fresh_house.start()
    pid = house.pid_of("collector")

    def told(name: str) -> dict[str, Any]:
        found = json.loads(house.command("sources", "--json").stdout)
        return next(dict(source) for source in found if source["source"] == name)

    wait_until(lambda: told("broken")["condition"] == "collecting-failed", what="the failure named")
    wait_until(lambda: told("sound")["lines"] == 1, what="the other source's line")
    assert (told("broken")["state"], told("broken")["lines"], told("sound")["state"]) == ("blind", 0, "read")
    log = (house.home / "logs" / "collector.log").read_text()
    assert "source broken: collecting failed, tried again" in log
    assert "RecursionError" in log
    place_of_broken.unlink()
    wait_until(lambda: told("broken")["state"] == "read" and told("broken")["lines"] == 1, what="the source carried")
    append(sound, line(2))
    wait_until(lambda: told("sound")["lines"] == 2, what="the other source's next line")
    assert house.pid_of("collector") == pid
    house.stop()
    assert house.command("sources").returncode == 2
