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


def test_a_rule_of_the_bureau_is_used_where_the_documents_say_it_lies_and_named_where_nobody_reads_it(
    fresh_house: House,
) -> None:
    folder = fresh_house.home / "rules"
    (folder / "deep" / "deeper").mkdir(parents=True)
    rule = (
        "title: Own %d\nid: 01987c3e-5a10-7c1e-9d0a-00000000000%d\nlogsource: {product: linux, service: sshd}\n"
        "detection: {one: {action: password-failed}, condition: one}\n"
    )
    for number, place in enumerate(("mine.yml", "deep/mine2.yaml", "mine3.txt", "deep/deeper/mine4.yml"), start=1):
        (folder / place).write_text(rule % (number, number), encoding="utf-8")
    told = fresh_house.command("rules", LANG="en_GB.UTF-8")
    assert told.returncode == REFUSED
    assert "bureau/mine.yml:1  Own 1" in told.stdout
    assert "bureau/deep/mine2.yaml:1  Own 2" in told.stdout
    assert "bureau/mine3.txt:1  REFUSED: not read: a rule file ends in .yml or .yaml" in told.stdout
    assert "bureau/deep/deeper:1  REFUSED: not read: a folder in a folder" in told.stdout


@pytest.mark.parametrize(
    ("language", "words"), [("kk_KZ.UTF-8", "құпиясөз теріп табылды"), ("ru_RU.UTF-8", "пароль подобран")]
)
def test_speaks_the_language_of_the_terminal(fresh_house: House, language: str, words: str) -> None:
    assert words in fresh_house.command("rules", LANG=language, LC_ALL=language).stdout


def test_without_an_instance_is_refused(fresh_house: House, tmp_path: Path) -> None:
    told = fresh_house.command("rules", SENIM_HOME=str(tmp_path))
    assert told.returncode == NO_INSTANCE
    assert "senim init" in told.stderr
