"""Figures of the bureau's own: named where a payment system is collected, and put where rules ask for them."""

from pathlib import Path

import pytest

from senim.detection import rules
from senim.detection.figures import Figures, figures
from senim.detection.internal.ruleset import load
from senim.kit.instance import BadSettings, Instance
from tests.detection.writing import base, correlation, reason, rule_id, written

SOURCE = '[[telemetry.sources]]\nname = "pay"\nkind = "file"\npath = "/var/log/pay/journal.jsonl"\nreads = "payments"\n'
OVER = base("over", {"s": {"amount|gt": "%refund_limit%"}, "condition": "s"}, logsource={"category": "payment"})
DAY = correlation(
    "day",
    type="value_sum",
    rules=["over"],
    group_by=["ledger"],
    timespan="1d",
    condition={"gt": "%refunds_a_day%", "field": "amount"},
)


def instance(tmp_path: Path, table: str, source: str = SOURCE) -> Instance:
    (tmp_path / "senim.toml").write_text(f'profile = "demonstration"\n{source}[rules]\n{table}')
    return Instance.load(tmp_path)


def test_what_the_bureau_names_is_used(tmp_path: Path) -> None:
    found = figures(instance(tmp_path, "refund_limit = 5\nrefunds_a_day = 9\napproval_wait = 60"))
    assert found == Figures(refund_limit=5, refunds_a_day=9, approval_wait=60)


@pytest.mark.parametrize(
    ("table", "missing"),
    [
        ("", "refund_limit, refunds_a_day"),
        ("refund_limit = 5", "refunds_a_day"),
        ("refunds_a_day = 5", "refund_limit"),
    ],
)
def test_a_payment_system_without_its_limits_is_refused(tmp_path: Path, table: str, missing: str) -> None:
    with pytest.raises(BadSettings, match=f": {missing}[^,]"):
        figures(instance(tmp_path, table))
    assert figures(instance(tmp_path, table, source="")).approval_wait == Figures().approval_wait


@pytest.mark.parametrize(
    "table", ["refund_limit = 0", "refund_limit = 1.5", "approval_wait = 0", "approval_wait = 301", "refunds = 5"]
)
def test_what_nobody_can_mean_is_refused(tmp_path: Path, table: str) -> None:
    with pytest.raises(BadSettings):
        figures(instance(tmp_path, f"{table}\n", source=""))


def test_rules_are_read_with_them(tmp_path: Path) -> None:
    written(tmp_path, OVER, DAY)
    found = load({"test": tmp_path}, Figures(refund_limit=5, refunds_a_day=9))
    assert found.refused == []
    assert found.correlations[rule_id("day")].condition.least == 10
    other = load({"test": tmp_path}, Figures(refund_limit=6, refunds_a_day=9))
    revisions = [each.bases[rule_id("over")].about.revision for each in (found, other)]
    assert revisions[0] != revisions[1]


def test_ours_are_read_with_the_bureau_s(tmp_path: Path) -> None:
    found = rules.read(instance(tmp_path, "refund_limit = 5\nrefunds_a_day = 8\napproval_wait = 60"))
    asked = {rule.about.title: rule.condition for rule in found.correlations.values()}
    assert asked["More paid in a day than its limit"].least == 9
    assert asked["Money moved on an approval that nobody gave"].wait == 60_000_000


def test_a_figure_that_nobody_has_is_refused_by_name(tmp_path: Path) -> None:
    assert "refund_limti" in reason(
        written(tmp_path, {**OVER, "detection": {"s": {"a|gt": "%refund_limti%"}, "condition": "s"}})
    )
