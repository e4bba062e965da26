"""Correlations upon correlations, groups and aliases, and what an alert says."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senim.detection.internal.correlate import USUAL_MARKS
from senim.detection.internal.engine import MOST_LISTED, Engine, Telling
from tests.detection.watch import READ_AT, Watch, frame_of
from tests.detection.writing import base, correlation, rule_id, written

FAILED = base("failed", {"s": {"action": "password-failed"}, "condition": "s"})
ACCEPTED = base("accepted", {"s": {"action": "password-accepted"}, "condition": "s"})
MEANS = {"kind": 2, "target": "host", "actor": "src_ip", "account": "user"}
TRIED = correlation(
    "tried", type="event_count", rules=["failed"], group_by=["src_ip", "user"], timespan="10m", condition={"gte": 3}
)
GUESSED = correlation(
    "guessed",
    type="temporal_ordered",
    rules=["tried", "accepted"],
    group_by=["src_ip", "user"],
    timespan="10m",
    senim=MEANS,
)


def line(second: int, verb: str = "Failed", user: str = "aigerim", ip: str = "203.0.113.9", host: str = "h1") -> str:
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return (
        f"2026-11-22T{hour:02d}:{minute:02d}:{second:02d}Z {host} sshd[7]: "
        f"{verb} password for {user} from {ip} port 50122 ssh2"
    )


def attack(failures: int = 3, begin: int = 0, **who: str) -> list[str]:
    return [line(begin + n, **who) for n in range(failures)] + [line(begin + failures, "Accepted", **who)]


def told(folder: Path, rules: Sequence[object], lines: Sequence[str], **named: object) -> list[Telling]:
    found = written(folder, *rules)  # type: ignore[arg-type]
    assert found.refused == []
    return Watch(Engine(found)).see(frame_of(lines, **named))  # type: ignore[arg-type]


class TestAChain:
    """Many failures, then a success."""

    RULES = (FAILED, ACCEPTED, TRIED, GUESSED)

    def test_alerts_once_with_all_its_events(self, tmp_path: Path) -> None:
        (alert,) = told(tmp_path, self.RULES, attack())
        assert (alert.rule.about.title, alert.count) == ("guessed", 4)
        assert [mark.seq for mark in alert.evidence] == [1, 2, 3, 4]

    def test_an_hour_of_guessing_is_found_when_it_succeeds(self, tmp_path: Path) -> None:
        (alert,) = told(tmp_path, self.RULES, [line(n * 60) for n in range(60)] + [line(60 * 60, "Accepted")])
        assert alert.count == 12  # the eleven refusals of the last window, both ends included, and the success

    def test_the_order_of_arrival_does_not_matter(self, tmp_path: Path) -> None:
        lines = attack()
        watch = Watch(Engine(written(tmp_path, *self.RULES)))
        alerts = []
        for place in (3, 1, 2, 0):
            alerts += watch.see(frame_of([lines[place]], first=place + 1))
        assert [alert.count for alert in alerts] == [4]

    def test_what_an_alert_told_is_not_counted_by_the_next(self, tmp_path: Path) -> None:
        lines = [
            *attack(),
            line(20, "Accepted"),
            line(21),
            line(22),
            line(23),
            line(24, "Accepted"),
            line(25, "Accepted"),
        ]
        alerts = told(tmp_path, self.RULES, lines)
        assert [alert.count for alert in alerts] == [4, 1, 5]
        assert alerts[-1].explanation["spell"]["times"] == 4  # type: ignore[index]

    def test_every_machine_that_falls_to_one_attacker_is_told_with_its_own_events(self, tmp_path: Path) -> None:
        lines = [one for n in range(8) for one in attack(begin=30 * n, host=f"h{n}", user="root")]
        alerts = told(tmp_path, self.RULES, lines)
        assert [(alert.facts["host"], alert.count) for alert in alerts] == [(f"h{n}", 4) for n in range(8)]

    def test_an_attack_that_arrives_behind_a_flood_is_told_whole(self, tmp_path: Path) -> None:
        watch = Watch(Engine(written(tmp_path, *self.RULES)))
        late = attack(host="a")
        assert watch.see(frame_of([line(30 + n % 30, host="b") for n in range(2 * USUAL_MARKS)], first=10)) == []
        (alert,) = watch.see(frame_of(late, first=1))
        assert alert.facts["host"] == "a"
        assert set(range(1, 5)) <= {mark.seq for mark in alert.evidence}

    @pytest.mark.parametrize("batch", [600, 7])
    def test_of_three_hundred_machines_that_fall_together_each_is_told(self, tmp_path: Path, batch: int) -> None:
        watch = Watch(Engine(written(tmp_path, *self.RULES)))
        lines = [
            line(n, verb, host=f"h{m}") for n, verb in enumerate(["Failed"] * 3 + ["Accepted"]) for m in range(300)
        ]
        told = {
            alert.facts["host"]
            for first in range(0, len(lines), batch)
            for alert in watch.see(frame_of(lines[first : first + batch], first=first + 1))
        }
        assert told == {f"h{m}" for m in range(300)}

    def test_a_line_that_comes_twice_has_its_effect_once(self, tmp_path: Path) -> None:
        watch = Watch(Engine(written(tmp_path, *self.RULES)))
        frame = frame_of(attack())
        assert len(watch.see(frame)) == 1
        assert watch.see(frame) == []

    def test_no_more_than_its_share_is_remembered_and_all_is_counted(self, tmp_path: Path) -> None:
        failures = USUAL_MARKS + 40
        lines = [line(n // 2) for n in range(failures)] + [line(failures // 2, "Accepted")]
        (alert,) = told(tmp_path, self.RULES, lines)
        assert alert.count == failures + 1
        assert alert.explanation["events"] == {"all": USUAL_MARKS + 1, "listed": MOST_LISTED, "let_go": 40}
        assert len(alert.evidence) == MOST_LISTED
        assert [alert.evidence[0].seq, alert.evidence[-1].seq] == [41, failures + 1]

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.permutations(range(12)))
    def test_however_late_lines_come_every_alert_says_something_new(self, tmp_path: Path, order: list[int]) -> None:
        watch = Watch(Engine(written(tmp_path, FAILED, {**TRIED, "senim": {**MEANS, "kind": 6}})))
        told = [one for n in order for one in watch.see(frame_of([line(n)], first=n + 1))]
        told += watch.judge(READ_AT + 3600)
        assert all(one.count for one in told)
        # The first two make nothing come true: where they come last, what they belong to was told before.
        assert len(order) - 2 <= sum(one.count for one in told) <= len(order)

    def test_it_explains_itself(self, tmp_path: Path) -> None:
        (alert,) = told(tmp_path, self.RULES, attack(4))
        assert alert.explanation["group"] == {"src_ip": "203.0.113.9", "user": "aigerim"}
        because = alert.explanation["because"]
        assert isinstance(because, dict)
        assert because["rule"]["title"] == "guessed"
        assert because["asks"] == {"type": "temporal_ordered", "least": 2, "timespan_s": 600, "fields": []}
        (tried,) = because["built_on"]
        assert (tried["asks"]["type"], tried["asks"]["least"], tried["found"]) == ("event_count", 3, 4)
        assert tried["window"] == {"from": "2026-11-22T00:00:00.000000Z", "until": "2026-11-22T00:00:03.000000Z"}
        assert tried["events"] == [{"title": "failed", "condition": "s"}]

    def test_the_target_is_where_the_last_event_happened(self, tmp_path: Path) -> None:
        lines = [line(0, host="h1"), line(1, host="h2"), line(2, host="h3"), line(3, "Accepted", host="h4")]
        (alert,) = told(tmp_path, self.RULES, lines)
        assert alert.facts["host"] == "h4"


class TestGroups:
    """Who belongs together."""

    def test_attacks_of_different_actors_are_apart(self, tmp_path: Path) -> None:
        lines = [one for n in range(5) for one in attack(ip=f"203.0.113.{n}")]
        alerts = told(tmp_path, TestAChain.RULES, sorted(lines, key=lambda text: text[:20]))
        assert sorted(alert.facts["src_ip"] for alert in alerts) == [f"203.0.113.{n}" for n in range(5)]

    def test_an_event_without_a_field_of_the_group_belongs_to_none(self, tmp_path: Path) -> None:
        counted = correlation(
            "n", type="event_count", rules=["any"], group_by=["user"], timespan="1m", condition={"gte": 2}
        )
        anything = base("any", {"s": {"program": "sshd"}, "condition": "s"})
        listening = "2026-11-22T00:00:00Z h1 sshd[7]: Server listening on 0.0.0.0 port 22."
        assert told(tmp_path, (anything, counted), [listening] * 5) == []

    def test_without_group_by_everything_is_one(self, tmp_path: Path) -> None:
        counted = correlation("n", type="event_count", rules=["failed"], timespan="1m", condition={"gte": 3})
        lines = [line(n, user=f"u{n}", ip=f"203.0.113.{n}") for n in range(3)]
        assert len(told(tmp_path, (FAILED, counted), lines)) == 1

    def test_very_long_names_stay_apart(self, tmp_path: Path) -> None:
        long = "x" * 600
        lines = [*attack(user=f"{long}a"), line(60, user=f"{long}b"), line(61, "Accepted", user=f"{long}b")]
        assert len(told(tmp_path, TestAChain.RULES, lines)) == 1

    @pytest.mark.parametrize("type_", ["temporal", "temporal_ordered"])
    def test_aliases_join_fields_of_different_names(self, tmp_path: Path, type_: str) -> None:
        started = base("started", {"s": {"action": "session-started"}, "condition": "s"})
        both = correlation(
            "both",
            type=type_,
            rules=["failed", "started"],
            group_by=["who"],
            timespan="5m",
            aliases={"who": {"failed": "user", "started": "host"}},
        )
        session = "2026-11-22T00:00:30Z {} sshd[7]: Starting session: shell on pts/0 for x from 192.0.2.1 port 9 id 0"
        lines = [line(0, user="h9"), session.format("h9"), session.format("h8")]
        (alert,) = told(tmp_path, (FAILED, started, both), lines)
        assert alert.explanation["group"] == {"who": "h9"}


class TestCounting:
    """What a correlation counts."""

    def test_different_values(self, tmp_path: Path) -> None:
        sprayed = correlation(
            "sprayed", type="value_count", rules=["failed"], group_by=["src_ip"], timespan="5m",
            condition={"gte": 3, "field": "user"},
        )  # fmt: skip
        users = ["a", "b", "a", "b", "a"]
        assert told(tmp_path, (FAILED, sprayed), [line(n, user=u) for n, u in enumerate(users)]) == []
        (alert,) = told(tmp_path, (FAILED, sprayed), [line(n, user=u) for n, u in enumerate([*users, "c"])])
        assert alert.explanation["because"]["found"] == 3  # type: ignore[index]

    def test_an_event_that_fits_two_of_the_rules_is_one_event(self, tmp_path: Path) -> None:
        also = base("also", {"s": {"user": "aigerim"}, "condition": "s"})
        counted = correlation("n", type="event_count", rules=["failed", "also"], timespan="1m", condition={"gte": 3})
        assert told(tmp_path, (FAILED, also, counted), [line(0), line(1)]) == []
        assert len(told(tmp_path, (FAILED, also, counted), [line(0), line(1), line(2)])) == 1

    def test_how_often_another_correlation_came_true(self, tmp_path: Path) -> None:
        again = correlation("again", type="event_count", rules=["guessed"], timespan="1h", condition={"gte": 2})
        silent = {key: value for key, value in GUESSED.items() if key != "senim"}
        rules = (FAILED, ACCEPTED, TRIED, silent, again)
        assert told(tmp_path, rules, attack()) == []
        (alert,) = told(tmp_path, rules, attack(user="a") + attack(begin=60, user="b"))
        assert (alert.rule.about.title, alert.count) == ("again", 8)

    def test_what_a_flood_pushed_out_at_once_is_counted_and_its_last_line_is_shown(self, tmp_path: Path) -> None:
        two = correlation("two", type="temporal", rules=["tried"], group_by=["src_ip"], timespan="10m", senim=MEANS)
        flood = 4 * USUAL_MARKS
        alerts = told(tmp_path, (FAILED, TRIED, two), [line(n // 4) for n in range(flood)])
        assert alerts[0].evidence
        assert all(mark.sha256 and mark.text for alert in alerts for mark in alert.evidence)
        assert sum(alert.count for alert in alerts) <= flood
        assert sum(alert.count for alert in alerts) > flood // 2

    def test_each_level_alerts_where_it_says_what_it_means(self, tmp_path: Path) -> None:
        rules = (FAILED, ACCEPTED, {**TRIED, "senim": {**MEANS, "kind": 6}}, GUESSED)
        alerts = told(tmp_path, rules, attack())
        assert [(a.rule.about.title, a.rule.meaning.kind, a.count) for a in alerts if a.rule.meaning] == [
            ("tried", 6, 3),
            ("guessed", 2, 4),
        ]


class TestEvidence:
    """The very lines."""

    def test_is_the_line_with_its_hash_and_its_text_made_safe(self, tmp_path: Path) -> None:
        raw = line(0, user="evil\x1b[31m\u202e").encode()
        found = written(tmp_path, FAILED)
        (alert,) = Watch(Engine(found)).see(frame_of([raw]))
        (mark,) = alert.evidence
        assert "\x1b" not in mark.text
        assert r"evil\x1b[31m\u202e" in mark.text
        assert mark.sha256 == hashlib.sha256(raw).hexdigest()

    def test_text_is_cut_where_it_is_long(self, tmp_path: Path) -> None:
        anything = base("any", {"s": {"program": "sshd"}, "condition": "s"})
        (alert,) = told(tmp_path, (anything,), [line(0, user="x" * 5000)])
        assert len(alert.evidence[0].text) < 500

    def test_only_rules_of_the_right_telemetry_are_tried(self, tmp_path: Path) -> None:
        found = written(tmp_path, FAILED)
        assert Watch(Engine(found)).see(frame_of([line(0)], kind="platform")) == []
        assert found.bases[rule_id("failed")].kinds == ("sshd",)

    def test_news_of_detection_itself_is_not_looked_at(self, tmp_path: Path) -> None:
        anything = base("any", {"s": {"subject": "*"}, "condition": "s"}, logsource={"product": "senim"})
        row = '{{"at":"2026-11-22T09:00:00.000Z","id":"1","payload":{{}},"subject":"x:1","tag":"{}"}}'
        watch = Watch(Engine(written(tmp_path, anything)))
        assert watch.see(frame_of([row.format("detection:alert:raised")], kind="platform")) == []
        assert len(watch.see(frame_of([row.format("audit:row:sealed")], kind="platform", first=2))) == 1
