"""Without which telemetry a rule cannot come true."""

from pathlib import Path

import pytest

from senim.detection.internal.needs import Needs, needs_of
from tests.detection.writing import base, correlation, rule_id, written

SSHD = base("sshd", {"s": {"x": 1}, "condition": "s"})
AUDIT = base("audit", {"s": {"x": 1}, "condition": "s"}, logsource={"product": "linux", "service": "auditd"})
LINUX = base("linux", {"s": {"x": 1}, "condition": "s"}, logsource={"product": "linux"})
PLATFORM = base("platform", {"s": {"x": 1}, "condition": "s"}, logsource={"product": "senim"})
OF = {"sshd": Needs(least=1, of=["sshd"]), "audit": Needs(least=1, of=["auditd"])}
ALL = [SSHD, AUDIT, PLATFORM]


def asking(kind: str, least: int, *members: str) -> dict[str, object]:
    names = list(members)
    return correlation("asked", type=kind, rules=names, group_by=["host"], timespan="5m", condition={"gte": least})


def needs(folder: Path, name: str, *rules: dict[str, object]) -> Needs:
    found = written(folder, *rules)
    assert found.refused == []
    return needs_of(found, rule_id(name))


def test_a_rule_of_single_events_needs_one_of_what_it_looks_at(tmp_path: Path) -> None:
    assert needs(tmp_path, "linux", LINUX) == Needs(least=1, of=["sshd", "auditd"])


@pytest.mark.parametrize(
    ("kind", "least", "needed"),
    [("event_count", 5, 1), ("temporal_ordered", 3, 3), ("temporal", 3, 3), ("temporal", 2, 2)],
)
def test_a_correlation_needs_as_many_members_as_must_come_true(
    tmp_path: Path, kind: str, least: int, needed: int
) -> None:
    found = needs(tmp_path, "asked", *ALL, asking(kind, least, "sshd", "audit", "platform"))
    assert found == Needs(least=needed, of=[OF["sshd"], OF["audit"], Needs(least=1, of=["platform"])])


def test_what_is_built_on_a_correlation_needs_what_that_needs(tmp_path: Path) -> None:
    above = correlation(
        "above", type="temporal", rules=["asked", "audit"], group_by=["host"], timespan="5m", condition={"gte": 2}
    )
    found = needs(tmp_path, "above", SSHD, AUDIT, asking("event_count", 5, "sshd"), above)
    assert found == Needs(least=2, of=[Needs(least=1, of=[OF["sshd"]]), OF["audit"]])
