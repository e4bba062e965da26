"""Whether each of the six kinds would be seen: by rules in use, fed by sources that are read."""

from datetime import timedelta
from pathlib import Path

import pytest

from senim.detection import coverage, operations, places, rulefiles
from senim.detection.coverage import Kind, View
from senim.detection.internal.ruleset import load
from senim.detection.models import RuleStatus
from senim.detection.rulefiles import Difference
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.telemetry.models import Ledger, Notice
from senim.telemetry.notices import NoticeKind
from tests.asoi.copies import copy_of
from tests.detection.writing import base, written
from tests.processes import Processes
from tests.reading import read_until

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
ANY_OF_BOTH = {"least": 1, "of": ["sshd", "auditd"]}
BOTH = {"least": 2, "of": [{"least": 1, "of": ["sshd"]}, {"least": 1, "of": ["auditd"]}]}


@pytest.fixture
def everything_read(processes: Processes, instance: Instance) -> None:
    read_until(instance, now(), begun_at=now() - timedelta(minutes=1))


def rule(needs: object, *, kind: int = 2, **more: object) -> RuleStatus:
    name = f"{kind}-{RuleStatus.objects.count()}.yml"
    known = {"key": name, "file": name, "line": 1, "state": "loaded", "title": name, "needs": needs, "kind": kind}
    return RuleStatus.objects.create(**{**known, **more})


def kind(instance: Instance, number: int = 2) -> Kind:
    return coverage.kinds(instance, now())[number - 1]


def blind(source: str) -> None:
    Notice.objects.create(source=source, epoch="e", seq=2, kind=NoticeKind.FILE_MISSING)


def unspoken(source: str) -> None:
    Notice.objects.filter(source=source).delete()
    Ledger.objects.filter(source=source).delete()


@pytest.mark.usefixtures("everything_read")
class TestView:
    """What a rule sees through its sources."""

    @pytest.mark.parametrize("needs", [ANY_OF_BOTH, BOTH])
    def test_it_sees_where_all_are_read(self, instance: Instance, needs: object) -> None:
        rule(needs)
        found = kind(instance)
        assert found.view is View.WATCHED
        assert [feed.source.name for feed in found.watchers[0].feeds] == ["auditd", "sshd"]

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("needs", "view"), [(ANY_OF_BOTH, View.WATCHED), (BOTH, View.BLIND), ({"least": 1, "of": ["sshd"]}, View.BLIND)]
    )
    def test_one_that_stands_still_counts_where_it_is_needed(
        self, instance: Instance, needs: object, view: View
    ) -> None:
        rule(needs)
        blind("sshd")
        assert kind(instance).view is view

    @pytest.mark.parametrize(("needs", "view"), [(ANY_OF_BOTH, View.WATCHED), (BOTH, View.UNKNOWN)])
    def test_of_one_that_nobody_knows_of_nobody_knows(self, instance: Instance, needs: object, view: View) -> None:
        rule(needs)
        unspoken("sshd")
        assert kind(instance).view is view

    def test_what_is_not_analysed_is_not_seen(self, instance: Instance) -> None:
        rule({"least": 1, "of": ["sshd"]})
        Ledger.objects.filter(source="sshd").update(read_until=now() - timedelta(minutes=5))
        Notice.objects.filter(source="sshd").update(at=now() - timedelta(minutes=5))
        assert kind(instance).view is View.BLIND

    @pytest.mark.refusal
    def test_telemetry_that_no_source_gives_is_named(self, instance: Instance, tmp_path: Path) -> None:
        copy = copy_of(instance, tmp_path)
        settings = copy.home / "senim.toml"
        settings.write_text(settings.read_text().replace('reads = "auditd"', 'reads = "sshd"'))
        rule(BOTH)
        (watcher,) = kind(Instance.load(copy.home)).watchers
        assert (watcher.view, watcher.missing) == (View.BLIND, ("auditd",))

    def test_a_rule_of_which_nothing_is_known_sees_nothing(self, instance: Instance) -> None:
        rule({})
        assert kind(instance).view is View.BLIND

    def test_of_several_rules_one_that_sees_suffices(self, instance: Instance) -> None:
        rule({"least": 1, "of": ["auditd"]})
        rule({"least": 1, "of": ["sshd"]})
        blind("sshd")
        assert kind(instance).view is View.WATCHED
        blind("auditd")
        assert kind(instance).view is View.BLIND

    @pytest.mark.refusal
    def test_a_kind_without_a_rule_is_blind_and_refused_rules_are_named(self, instance: Instance) -> None:
        rule(BOTH, kind=1)
        refused = rule({}, kind=3, state="refused", reason="a rule needs an `id`")
        found = coverage.kinds(instance, now())
        assert [one.number for one in found if one.view is View.BLIND] == [2, 3, 4, 5, 6]
        assert [one.refused for one in found] == [(), (), (refused,), (), (), ()]
        assert coverage.ungraded_refusals() == []

    def test_where_detection_has_not_started_nothing_is_known(self, instance: Instance) -> None:
        assert {one.view for one in coverage.kinds(instance, now())} == {View.UNKNOWN}

    def test_a_file_that_lies_there_otherwise_is_said_of_its_rules(self, instance: Instance) -> None:
        rule(BOTH, file="bureau/sshd/own.yml")
        rulefiles.take({"bureau/sshd/own.yml": "aa"})
        assert kind(instance).watchers[0].difference is None
        rulefiles.note({})
        assert kind(instance).watchers[0].difference is Difference.REMOVED


@pytest.mark.usefixtures("everything_read")
def test_our_own_rules_see_in_a_demonstration(instance: Instance) -> None:
    operations.take_rules(load({"ours": places.OURS}))
    found = {one.number: one for one in coverage.kinds(instance, now())}
    assert {number for number in (1, 2, 3, 4) if found[number].view is not View.WATCHED} == set()
    assert not any(watcher.missing for one in found.values() for watcher in one.watchers)
    fed = {feed.source.name for one in found.values() for watcher in one.watchers for feed in watcher.feeds}
    assert {"auditd", "malware", "meter", "platform", "postgresql", "sshd"} <= fed


def test_what_a_refused_rule_would_grade_is_kept_where_it_can_be_read(tmp_path: Path) -> None:
    odd = {"s": {"m|re": "(a+)+"}, "condition": "s"}
    refused = written(tmp_path, base("graded", odd, senim={"kind": 4, "target": "host"}), base("ungraded", odd))
    operations.take_rules(refused)
    assert dict(RuleStatus.objects.values_list("title", "kind")) == {"graded": 4, "ungraded": None}
    assert [row.title for row in coverage.ungraded_refusals()] == ["ungraded"]


@pytest.mark.parametrize("kind", [0, 7, "4", None, [4]])
def test_what_is_none_of_the_six_kinds_is_no_kind(tmp_path: Path, kind: object) -> None:
    operations.take_rules(written(tmp_path, base("odd", {"s": {"x": 1}, "condition": "s"}, senim={"kind": kind})))
    assert list(RuleStatus.objects.values_list("state", "kind")) == [("refused", None)]
