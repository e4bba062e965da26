"""A rule that is taken away is seen: while detection works, and after whoever took it has ended detection as well."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.house import House, wait_until
from tests.functional.staff import Person

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81-1")]
KIND = 6
RULE = """
title: The bureau's own
id: 5b0c7a52-8a3e-4a55-9d1f-0000000000aa
logsource:
  product: linux
  service: sshd
detection:
  accepted:
    action: password-accepted
    user|cased: nobody-at-all
  condition: accepted
level: medium
senim:
  kind: 6
  target: host
  actor: src_ip
  account: user
"""
FILE = "bureau/sshd/own.yml"


@pytest.fixture
def own(fresh_house: House) -> Path:
    """The only rule that watches for kind 6: nothing is measured here."""
    settings = fresh_house.home / "senim.toml"
    said = settings.read_text()
    begin, end = said.index("[[availability.services]]"), said.index("[oncall]")
    settings.write_text(said[:begin] + said[end:])
    path = fresh_house.home / "rules" / "sshd" / "own.yml"
    path.parent.mkdir(parents=True)
    path.write_text(RULE)
    fresh_house.log.touch()
    return path


@pytest.fixture
def head(fresh_house: House, own: Path) -> Iterator[Person]:
    """Somebody who looks at the console of that house."""
    assert own.exists()
    with Person(fresh_house.start()) as person:
        yield person.called("head")


def covered(house: House) -> dict[str, Any]:
    """What `senim coverage` tells."""
    return dict(json.loads(house.command("coverage", "--json").stdout))


def state(house: House) -> str:
    return str(covered(house)["kinds"][KIND - 1]["state"])


def unwell(house: House) -> set[str]:
    checks = json.loads(house.command("doctor", "--json").stdout)["checks"]
    return {check["name"] for check in checks if not check["ok"]} & {"detection:rules", "detection:kinds"}


@pytest.mark.refusal
def test_a_rule_that_is_taken_away_is_seen_everywhere_and_goes_on_being_seen(
    fresh_house: House, own: Path, head: Person
) -> None:
    wait_until(lambda: state(fresh_house) == "never-exercised", what="a kind that is watched for")
    assert "detection:rules" not in unwell(fresh_house)
    assert f"{FILE}:2" in head.reads("coverage/")
    own.unlink()

    # Detection works on with what it has read; that the file is gone is said within seconds.
    told = f"1 rule file was removed since detection read it: {FILE}"
    wait_until(lambda: told in head.reads(), what="the first page says it")
    assert "Its file was removed since detection read it" in head.reads("coverage/")
    assert covered(fresh_house)["files"] == {FILE: "removed"}
    assert fresh_house.command("coverage").returncode == 1
    assert "detection:rules" in unwell(fresh_house)

    # Whoever ends detection makes the removal take effect, and does not make it forgotten.
    killed = fresh_house.pid_of("detection")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: state(fresh_house) == "blind", what="a kind that nothing watches for")
    assert f"R228/81-1({KIND})" in head.reads()
    assert fresh_house.command("coverage").returncode == 1
    assert "detection:kinds" in unwell(fresh_house)
    wait_until(lambda: "Detection rules changed or removed" in head.reads("alerts/"), what="an alert about it")
