"""Every rule file of ours is tried on the examples beside it: real lines, real parsers, the real engine.

An example is read as its folder is called, unless it says `reads`.
Lines are given all at once and again one by one; both must raise the same alerts. At their end everything has been
read: what waited for something that was to come before it has waited in vain.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import translation

from senim.detection import rules
from senim.detection.internal.engine import Engine, Telling
from senim.detection.internal.ruleset import Ruleset, load
from tests.detection.watch import READ_AT, Watch, frame_of

FILES = sorted(path for path in rules.OURS.glob("*/*.yml") if not path.name.endswith(".examples.yml"))
HOSTS = {"sshd": "loghost", "platform": "console-1", "malware": "server-1", "auditd": "server-1", "postgresql": "db-1"}
LONG_AFTER = 3600.0
HOST = "web-1"
"""Where nothing else is said."""


def _beside(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".yml") + ".examples.yml")


def _examples() -> Iterator[Any]:
    """By the examples and not by the rules, so that those of a rule that is gone find nothing."""
    for examples in sorted(rules.OURS.glob("*/*.examples.yml")):
        path = examples.with_name(examples.name.replace(".examples", ""))
        for example in yaml.safe_load(examples.read_text())["examples"]:
            yield pytest.param(path, example, id=f"{path.parent.name}/{path.stem}: {example['name']}")


def _by_source(path: Path, example: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The lines of the rule's own source (or of the kind `reads`), then those of others: `also: {auditd: …}`."""
    yield example.get("reads", path.parent.name), example.get("lines", "").splitlines()
    for source, lines in example.get("also", {}).items():
        yield source, lines.splitlines()


@pytest.fixture(scope="module")
def ours() -> Ruleset:
    return load({"ours": rules.OURS})


def _told(ours: Ruleset, path: Path, telling: Telling) -> dict[str, object] | None:
    about, meaning, facts = telling.rule.about, telling.rule.meaning, telling.facts
    assert meaning is not None
    if about.file != f"ours/{path.parent.name}/{path.name}":
        return None
    return {
        "rule": about.title,
        "kind": meaning.kind,
        "target": "/".join(facts[name] for name in meaning.targets),
        "actor": facts.get(meaning.actor or ""),
        "account": facts.get(meaning.account or ""),
        "level": about.level,
        "count": telling.count,
    }


@pytest.mark.clause("R228/81-1(1)", "R228/81-1(2)", "R228/81-1(3)", "R228/81-1(4)", "R228/81-1(5)")
@pytest.mark.parametrize(("path", "example"), list(_examples()))
def test_what_the_rules_make_of_an_example(ours: Ruleset, path: Path, example: dict[str, Any]) -> None:
    at_once, one_by_one = Watch(Engine(ours)), Watch(Engine(ours))
    together, singly = [], []
    for source, lines in _by_source(path, example):
        host = HOSTS.get(source, HOST)
        together += at_once.see(frame_of(lines, kind=source, host=host))
        for number, line in enumerate(lines, start=1):
            singly += one_by_one.see(frame_of([line], kind=source, host=host, first=number))
    together += at_once.judge(READ_AT + LONG_AFTER)
    singly += one_by_one.judge(READ_AT + LONG_AFTER)
    for tellings in (together, singly):
        assert [told for telling in tellings if (told := _told(ours, path, telling))] == example["alerts"]


def test_no_rule_of_ours_is_refused(ours: Ruleset) -> None:
    assert ours.refused == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_rule_file_has_examples_that_alert_and_examples_that_do_not(path: Path) -> None:
    examples = yaml.safe_load(_beside(path).read_text())["examples"]
    assert any(example["alerts"] for example in examples)
    assert any(not example["alerts"] for example in examples)


def test_every_rule_of_ours_that_alerts_says_what_its_alerts_mean(ours: Ruleset) -> None:
    for rule in ours.correlations.values():
        if rule.about.id in ours.bases or rule.meaning:
            assert rule.meaning is not None
            assert rule.meaning.actor
            assert rule.meaning.account


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_title_of_ours_is_translated(ours: Ruleset, language: str) -> None:
    """Titles stand on pages, in lists and in what people are told; the catalogue of the detection room has them."""
    with translation.override(language):
        assert [about.title for about in ours.loaded if translation.gettext(about.title) == about.title] == []
