"""Loading: what is taken, what is refused and in which words, and that one bad rule leaves the others alone."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senim.detection.internal.ruleset import Ruleset, load
from tests.detection.writing import base, correlation, reason, rule_id, written

FAILED = base("failed", {"s": {"action": "password-failed"}, "condition": "s"})
ACCEPTED = base("accepted", {"s": {"action": "password-accepted"}, "condition": "s"})
MANY = {"type": "event_count", "rules": ["failed"], "group_by": ["src_ip"], "timespan": "5m", "condition": {"gte": 3}}
MEANS = {"kind": 2, "target": "host", "actor": "src_ip", "account": "user"}


def titles(rules: Ruleset) -> list[str]:
    return [about.title for about in rules.loaded]


class TestDocuments:
    """Each rule of a file stands for itself."""

    @pytest.mark.parametrize("file", ["mine.yml", "mine.yaml", "sshd/mine.yaml"])
    def test_a_rule_is_read_wherever_rule_files_lie(self, tmp_path: Path, file: str) -> None:
        rules = written(tmp_path, FAILED, file=file)
        assert titles(rules) == ["failed"]
        assert set(rules.files) == {f"test/{file}"}

    @pytest.mark.parametrize("file", ["mine.txt", "sshd/mine.yml.off", "mine"])
    def test_a_rule_that_nobody_reads_is_refused_by_the_name_of_its_file(self, tmp_path: Path, file: str) -> None:
        rules = written(tmp_path, FAILED, file=file)
        assert titles(rules) == []
        assert [(one.file, one.reason) for one in rules.refused] == [
            (f"test/{file}", "not read: a rule file ends in .yml or .yaml")
        ]
        assert set(rules.files) == {f"test/{file}"}

    def test_a_refused_rule_is_named_by_file_line_identifier_and_title(self, tmp_path: Path) -> None:
        bad = base("bad", {"s": {"m|re": "("}, "condition": "s"})
        rules = written(tmp_path, FAILED, bad)
        (refused,) = rules.refused
        line = (tmp_path / "sshd/rules.yml").read_text().split("\n").index("title: bad") + 1
        assert (refused.file, refused.line) == ("test/sshd/rules.yml", line)
        assert (refused.id, refused.title) == (rule_id("bad"), "bad")
        assert "Regular expression" in refused.reason
        assert titles(rules) == ["failed"]

    def test_broken_yaml_is_named_with_its_line_and_what_stands_before_it_is_used(self, tmp_path: Path) -> None:
        rules = written(tmp_path, FAILED, "title: [")
        assert titles(rules) == ["failed"]
        assert "line" in reason(rules)

    @pytest.mark.parametrize(
        ("document", "why"),
        [
            ("- 1\n- 2", "not a map"),
            ("title: x\ntitle: y", "Duplicate key"),
            ("action: global\nid: x", "`action`"),
            ("title: x", "needs an `id`"),
            ("title: x\nid: 5", "needs an `id`"),
            ("title: x\nid: not-a-uuid\nlogsource: {product: linux}\ndetection: {s: {a: 1}, condition: s}", "UUID"),
            (f"title: x\nid: {rule_id('x')}\nlogsource: {{product: linux, service: sshd}}", "detection"),
            (f"id: {rule_id('x')}\nlogsource: {{product: linux}}\ndetection: {{s: {{a: 1}}, condition: s}}", "title"),
            (f"title: x\nid: {rule_id('x')}\ncorrelation: 5", ""),
            ("{a: &a [*a]}", ""),
        ],
    )
    def test_what_is_no_rule_is_refused(self, tmp_path: Path, document: str, why: str) -> None:
        rules = written(tmp_path, document, FAILED)
        assert why in reason(rules)
        assert reason(rules)

    def test_binary_rubbish_is_refused(self, tmp_path: Path) -> None:
        written(tmp_path, FAILED)
        (tmp_path / "sshd/rubbish.yml").write_bytes(bytes(range(256)))
        assert "test/sshd/rubbish.yml" in [one.file for one in load({"test": tmp_path}).refused]

    def test_a_name_or_identifier_is_taken_once(self, tmp_path: Path) -> None:
        rules = written(
            tmp_path, FAILED, {**ACCEPTED, "name": "failed"}, {**ACCEPTED, "id": FAILED["id"], "name": "new"}
        )
        assert [one.reason for one in rules.refused] == [
            "failed is the name of another rule (test/sshd/rules.yml:1)",
            f"{FAILED['id']} is the name of another rule (test/sshd/rules.yml:1)",
        ]

    def test_a_folder_that_is_not_there_holds_no_rules(self, tmp_path: Path) -> None:
        assert load({"test": tmp_path / "nowhere"}).loaded == []

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_no_value_anywhere_makes_loading_fail(self, tmp_path: Path, data: st.DataObject) -> None:
        """A correlation in which any one value is replaced by something unexpected is loaded or refused."""
        rule: dict[str, Any] = deepcopy(correlation("many", **MANY, senim=MEANS))
        place = data.draw(st.sampled_from([rule, rule["correlation"], rule["senim"]]))
        odd = st.one_of(st.none(), st.integers(), st.text("ab|*\x00", max_size=3), st.lists(st.integers(), max_size=2))
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(st.one_of(odd, st.dictionaries(st.text("a"), odd)))
        rules = written(tmp_path, FAILED, rule)
        assert len(rules.loaded) + len(rules.refused) == 2


class TestMeaning:
    """The attribute `senim`."""

    @pytest.mark.parametrize(
        ("senim", "why"),
        [
            ({"kind": 7, "target": "host"}, "kind"),
            ({"kind": 0, "target": "host"}, "kind"),
            ({"kind": "2", "target": "host"}, "kind"),
            ({"kind": 2}, "target"),
            ({"kind": 2, "target": []}, "target"),
            ({"kind": 2, "target": "host", "actr": "src_ip"}, "actr"),
            ("yes", "senim"),
        ],
    )
    def test_is_strict(self, tmp_path: Path, senim: object, why: str) -> None:
        assert why in reason(written(tmp_path, {**FAILED, "senim": senim}))

    @pytest.mark.parametrize(("group_by", "refused"), [(["src_ip", "user"], False), (["src_ip"], True)])
    def test_exercises_are_in_groups_of_their_own(self, tmp_path: Path, group_by: list[str], refused: bool) -> None:
        many = correlation("many", **{**MANY, "group_by": group_by}, senim={**MEANS, "marker": "user"})
        found = [one.reason for one in written(tmp_path, FAILED, many).refused]
        assert bool(found) is refused
        assert all("marker user is not among the fields of group-by" in why for why in found)

    @pytest.mark.parametrize("kind", range(1, 7))
    def test_each_of_the_six_kinds_can_be_named(self, tmp_path: Path, kind: int) -> None:
        rules = written(tmp_path, {**FAILED, "senim": {**MEANS, "kind": kind}})
        meaning = rules.correlations[FAILED["id"]].meaning
        assert meaning is not None
        assert meaning.kind == kind

    def test_a_rule_alone_alerts_and_waits_for_a_person(self, tmp_path: Path) -> None:
        meaning = written(tmp_path, FAILED).correlations[FAILED["id"]].meaning
        assert meaning is not None
        assert (meaning.kind, meaning.targets) == (None, ("host",))

    def test_a_rule_that_others_are_built_on_is_silent(self, tmp_path: Path) -> None:
        rules = written(tmp_path, FAILED, correlation("many", **MANY))
        assert FAILED["id"] not in rules.correlations

    def test_unless_it_says_what_its_alerts_mean(self, tmp_path: Path) -> None:
        rules = written(tmp_path, {**FAILED, "senim": MEANS}, correlation("many", **MANY))
        assert FAILED["id"] in rules.correlations

    def test_or_the_correlation_says_generate(self, tmp_path: Path) -> None:
        rules = written(tmp_path, FAILED, correlation("many", **MANY, generate=True))
        assert FAILED["id"] in rules.correlations


class TestTelemetry:
    """A rule is tried on the events it speaks of, and on no others."""

    @pytest.mark.parametrize(
        ("logsource", "kinds"),
        [
            ({"product": "linux", "service": "sshd"}, ["sshd"]),
            ({"product": "linux"}, ["sshd", "auditd"]),
            ({"product": "senim"}, ["platform"]),
        ],
    )
    def test_by_logsource(self, tmp_path: Path, logsource: dict[str, str], kinds: list[str]) -> None:
        assert list(written(tmp_path, {**FAILED, "logsource": logsource}).by_kind) == kinds

    @pytest.mark.parametrize(
        "logsource",
        [
            {"product": "windows", "service": "security"},
            {"product": "linux", "service": "vsftpd"},
            {"category": "process_creation", "product": "linux"},
            {"product": "senim", "service": "doors"},
        ],
    )
    def test_a_rule_for_events_that_nobody_collects_is_refused(self, tmp_path: Path, logsource: dict[str, str]) -> None:
        assert "could never see an event" in reason(written(tmp_path, {**FAILED, "logsource": logsource}))

    @pytest.mark.parametrize("field", ["tag", "action"])
    @pytest.mark.parametrize("value", ["detection:alert:raised", "Detection:*"])
    def test_a_rule_for_detection_s_own_news_is_refused(self, tmp_path: Path, field: str, value: str) -> None:
        waits = base("loop", {"s": {field: value}, "condition": "s"}, logsource={"product": "senim"})
        assert "news of detection itself" in reason(written(tmp_path, waits))


class TestCorrelations:
    """What the engine can carry out."""

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"type": "value_avg", "condition": {"gte": 3, "field": "user"}}, "value_avg is not supported"),
            ({"type": "value_sum", "condition": {"gte": 3, "field": ["user", "src_ip"]}}, "adds up one field"),
            ({"type": "value_sum", "condition": {"gte": 2**62 + 1, "field": "user"}}, "more than can be added up"),
            ({"type": "value_count"}, "field reference"),
            ({"condition": {"lt": 3}}, "lt is not supported"),
            ({"condition": {"eq": 3}}, "eq is not supported"),
            ({"condition": {"gte": 0}}, "nothing fulfils"),
            ({"condition": {"gte": 257}}, "more than 256"),
            ({"condition": {}}, "exactly one condition"),
            ({"timespan": "0m"}, "greater than zero"),
            ({"timespan": "soon"}, "invalid"),
            ({"timespan": "32d"}, "31 days"),
            ({"rules": ["missing"]}, "missing, which is not there"),
            ({"rules": []}, "without rules"),
            ({"rules": ["many"]}, "built on itself"),
            ({"aliases": {"who": {"other": "user"}}}, "does not say what failed calls it"),
            ({"type": "temporal", "rules": ["failed", "accepted"], "condition": "failed and accepted"}, "in words"),
            ({"type": "temporal", "condition": {"gte": 2}}, "asks for 2 of 1"),
            (
                {"type": "temporal_ordered", "rules": ["failed", "accepted"], "condition": {"gte": 1}},
                "all of its rules",
            ),
        ],
    )
    def test_what_it_cannot_is_refused(self, tmp_path: Path, change: dict[str, Any], why: str) -> None:
        rules = written(tmp_path, FAILED, ACCEPTED, correlation("many", **{**MANY, **change}))
        assert why in reason(rules)
        assert {"failed", "accepted"} <= set(titles(rules))

    def test_what_is_built_on_a_refused_rule_is_refused_as_well_and_says_so(self, tmp_path: Path) -> None:
        bad = base("failed", {"s": {"m|re": "(a+)+"}, "condition": "s"})
        above = correlation("above", type="temporal", rules=["many"], timespan="1m")
        rules = written(tmp_path, above, correlation("many", **MANY), bad)
        reasons = {one.title: one.reason for one in rules.refused}
        assert reasons["many"] == "is built on failed, which is refused"
        assert reasons["above"] == "is built on many, which is refused"

    def test_two_that_are_built_on_each_other_are_refused_both(self, tmp_path: Path) -> None:
        one = correlation("one", **{**MANY, "rules": ["two"]})
        two = correlation("two", **{**MANY, "rules": ["one"]})
        rules = written(tmp_path, one, two, FAILED)
        assert [refused.reason for refused in rules.refused] == ["is built on itself, or on a correlation that is"] * 2
        assert titles(rules) == ["failed"]

    def test_the_order_of_files_does_not_matter(self, tmp_path: Path) -> None:
        written(tmp_path, correlation("many", **MANY), file="a/first.yml")
        rules = written(tmp_path, FAILED, file="b/second.yml")
        assert rules.refused == []
        assert yaml.safe_load((tmp_path / "a/first.yml").read_text())["title"] in titles(rules)

    def test_a_greater_than_is_one_more_than_reaching_it(self, tmp_path: Path) -> None:
        rules = written(tmp_path, FAILED, correlation("many", **{**MANY, "condition": {"gt": 3}}))
        assert rules.correlations[rule_id("many")].condition.least == 4


class TestAbsence:
    """`one and not other`, and nothing else in words."""

    RULES = ("failed", "accepted", "third")
    THIRD = base("third", {"s": {"action": "other"}, "condition": "s"})
    WAITS = {**MEANS, "wait": 20}

    def loaded(self, folder: Path, condition: str, *, senim: object = WAITS, **more: Any) -> Ruleset:
        named = [
            name
            for name in self.RULES
            if name in condition.split() or f"({name}" in condition or f"{name})" in condition
        ]
        asked = {"type": "temporal", "rules": named, "group_by": ["user"], "timespan": "5m", "condition": condition}
        return written(folder, FAILED, ACCEPTED, self.THIRD, correlation("missing", **{**asked, **more}, senim=senim))

    @pytest.mark.parametrize(
        ("condition", "members"),
        [
            ("accepted and not failed", ["accepted", "failed"]),
            ("not failed and accepted", ["accepted", "failed"]),
            ("accepted and not failed and not third", ["accepted", "failed", "third"]),
            ("accepted and not (failed or third)", ["accepted", "failed", "third"]),
        ],
    )
    def test_what_happened_comes_first(self, tmp_path: Path, condition: str, members: list[str]) -> None:
        rules = self.loaded(tmp_path, condition)
        assert rules.refused == []
        rule = rules.correlations[rule_id("missing")]
        assert [member.rule for member in rule.members] == [rule_id(name) for name in members]
        assert (rule.condition.kind, rule.condition.wait, rule.condition.least) == ("without", 20_000_000, 1)

    @pytest.mark.parametrize(
        "condition",
        [
            "failed or accepted",
            "failed and accepted",
            "not failed",
            "failed and accepted and not third",
            "failed or not accepted",
            "failed and not (accepted and third)",
            "failed and not not accepted",
            "not failed and not accepted",
        ],
    )
    def test_other_words_are_refused(self, tmp_path: Path, condition: str) -> None:
        assert "in words is supported as `one and not other` only" in reason(self.loaded(tmp_path, condition))

    def test_no_rule_is_awaited_twice(self, tmp_path: Path) -> None:
        assert "each rule once" in reason(self.loaded(tmp_path, "failed and not failed"))

    @pytest.mark.parametrize("wait", [0, 301, "20s", 1.5])
    def test_the_wait_is_strict(self, tmp_path: Path, wait: object) -> None:
        assert "wait" in reason(self.loaded(tmp_path, "accepted and not failed", senim={**MEANS, "wait": wait}))

    @pytest.mark.parametrize("senim", [MEANS, None])
    def test_without_a_wait_it_is_refused(self, tmp_path: Path, senim: object) -> None:
        more = {} if senim is None else {"senim": senim}
        asked = {"type": "temporal", "rules": ["accepted", "failed"], "timespan": "5m"}
        rule = correlation("missing", **asked, condition="accepted and not failed", **more)
        assert "needs `wait`" in reason(written(tmp_path, FAILED, ACCEPTED, rule))

    def test_a_wait_that_nothing_needs_is_refused(self, tmp_path: Path) -> None:
        rules = written(tmp_path, {**FAILED, "senim": self.WAITS}, ACCEPTED, correlation("many", **MANY, senim=MEANS))
        assert {one.title: "belongs to a condition" in one.reason for one in rules.refused}["failed"]
        many = correlation("many", **MANY, senim=self.WAITS)
        assert "belongs to a condition" in reason(written(tmp_path, FAILED, many))
