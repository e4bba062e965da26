"""`senim rules`, as a person calls it."""

import json
from pathlib import Path

import pytest

from tests.functional.house import House

REFUSED, NO_INSTANCE = 1, 3


def test_tells_which_rules_are_used_and_what_their_alerts_are(fresh_house: House) -> None:
    told = fresh_house.command("rules", "--json")
    assert told.returncode == 0
    answer = json.loads(told.stdout)
    assert answer["refused"] == []
    assert answer["kinds"]["2"] >= 1
    web = {"door", "meter", "nginx-combined", "nginx-json"}
    assert {"platform", "sshd", "auditd", "malware", "payments", "postgresql", *web} == set(answer["telemetry"])
    (guessed,) = (rule for rule in answer["loaded"] if rule["title"] == "OpenSSH password guessed")
    assert (guessed["kind"], guessed["alerts"]) == (2, True)


def test_names_a_refused_rule_of_the_bureau_with_the_reason_and_keeps_the_others(fresh_house: House) -> None:
    own = fresh_house.home / "rules" / "sshd"
    own.mkdir(parents=True)
    (own / "odd.yml").write_text("title: Odd\nid: 0\n", encoding="utf-8")
    told = fresh_house.command("rules", LANG="en_GB.UTF-8")
    assert told.returncode == REFUSED
    assert "bureau/sshd/odd.yml:1  REFUSED Odd: a rule needs an `id`" in told.stdout
    assert "OpenSSH password guessed: alerts as R228/81-1(2)" in told.stdout


@pytest.mark.parametrize(
    ("language", "words"), [("kk_KZ.UTF-8", "құпиясөз теріп табылды"), ("ru_RU.UTF-8", "пароль подобран")]
)
def test_speaks_the_language_of_the_terminal(fresh_house: House, language: str, words: str) -> None:
    assert words in fresh_house.command("rules", LANG=language, LC_ALL=language).stdout


def test_without_an_instance_is_refused(fresh_house: House, tmp_path: Path) -> None:
    told = fresh_house.command("rules", SENIM_HOME=str(tmp_path))
    assert told.returncode == NO_INSTANCE
    assert "senim init" in told.stderr
