"""Taking frames of events, raising alerts, and saying how the rules stand.

Clauses: R228/81-1 (incidents that were detected), R228/81-2 (events are analysed in real time).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from senim.availability import operations as availability
from senim.availability.limits import Passing
from senim.availability.settings import HEARTBEAT
from senim.detection import downtime, rulefiles
from senim.detection.internal.building import Correlation
from senim.detection.internal.engine import Engine, Hit, Telling, iso, microseconds, moment
from senim.detection.internal.memory import Rows
from senim.detection.internal.needs import needs_of, of_telemetry
from senim.detection.internal.ruleset import Refused, Ruleset
from senim.detection.measures import Measure
from senim.detection.models import Alert, Remembered, RuleStatus
from senim.events.delivery import Urgency
from senim.events.operations import News, emit, emit_all
from senim.events.vocabulary.detection import DetectionEvent
from senim.kit.clock import now as read_clock
from senim.kit.marker import is_marker
from senim.telemetry import operations as telemetry
from senim.telemetry.frames import Frame, Line
from senim.telemetry.parsers import Observed

MOST_GROUPS = 50_000
"""Of one rule. A flood of made-up names pushes out the groups whose events were read longest ago, and is counted."""
NEWS_AGAIN = timedelta(hours=1)
"""Our choice: after so long without an alert of its kind on its target, an alert is no repetition any more."""
_LONGEST_NAME = 255
_MOST_FORGOTTEN = 5000


def observe(engine: Engine, *frames: Frame, memory: Rows | None = None) -> list[Alert]:
    """Take `frames`: what was never seen before is parsed, matched and correlated; the alerts that this raises.

    One transaction: the ledger, what correlation remembers, alerts and their news commit together or not at all, so a
    frame that comes twice, or whose worker was killed anywhere, has its effect once. Two detectors never correlate at
    once; `memory` saves one that goes on from reading again what it has just written.
    Raises `telemetry.parsers.UnknownKind` for a frame of a kind that nobody can read.
    """
    memory = memory or Rows()
    with memory.transaction():
        hits: list[Hit] = []
        passings: list[Passing] = []
        for frame in frames:
            seen = _seen(frame)
            # R228/81-2: events are analysed in real time, by the programme itself, as they come.
            hits += [hit for line, observed in seen for hit in engine.hits(frame, line, observed)]
            passings += availability.take(frame, seen)
        found = [*(_alert(telling) for telling in engine.take(hits, memory)), *map(downtime.alert_of, passings)]
        return _raise(found)


def does_anything_wait() -> bool:
    """Whether something has waited for long enough to be judged or told (`unsaid.due`)."""
    return Remembered.objects.filter(due_at__lt=read_clock()).exists()


def judge(engine: Engine, *, taken_until: datetime, memory: Rows | None = None) -> list[Alert]:
    """Raise the alerts of what has waited in vain for something that must have come before it.

    And of what no alert told of attacks that have been quiet since.
    `taken_until`: everything that was read before has been taken. One transaction, as `observe`.
    Clauses: R228/81-1(5) (a transfer that nobody approved).
    """
    memory = memory or Rows()
    with memory.transaction():
        return _raise([_alert(telling) for telling in engine.judge(microseconds(taken_until), memory)])


def _seen(frame: Frame) -> list[tuple[Line, Observed]]:
    """What the lines of `frame` say that were never accepted before."""
    seen = list(telemetry.understand(frame, telemetry.accept(frame)))
    flaws = (f"time-{observed.fields['time_flaw']}" for _, observed in seen if "time_flaw" in observed.fields)
    telemetry.count_flaws(frame, flaws)
    return seen


def _alert(telling: Telling) -> Alert:
    rule, meaning, facts = telling.rule, telling.rule.meaning, telling.facts
    if meaning is None:
        raise ValueError(f"rule {rule.about.id} raises no alerts")
    target = "/".join(facts.get(name, "") for name in meaning.targets)
    worn = facts.get(meaning.marker or "", "")
    return Alert(
        rule_id=rule.about.id,
        rule_title=rule.about.title,
        # R228/81-1: which of the six kinds the events are a sign of; the rule says it.
        kind=meaning.kind,
        level=rule.about.level,
        target=_cut(target),
        actor=_cut(facts.get(meaning.actor or "", "")),
        account=_cut(facts.get(meaning.account or "", "")),
        marker=worn if is_marker(worn) else "",
        source=telling.source,
        first_at=moment(telling.evidence[0].at),
        last_at=moment(telling.evidence[-1].at),
        count=telling.count,
        explanation=telling.explanation,
        evidence=[
            {"source": m.source, "epoch": m.epoch, "seq": m.seq, "at": iso(m.at), "sha256": m.sha256, "text": m.text}
            for m in telling.evidence
        ],
    )


def _raise(alerts: list[Alert]) -> list[Alert]:
    """Write `alerts` and the news of them, all at once: a storm of them is not to hold up what comes with it."""
    if not alerts:
        return []
    urgencies = _urgencies(alerts)
    Alert.objects.bulk_create(alerts)
    news = [
        News(f"alert:{alert.pk}", {"alert": str(alert.pk)}, urgency)
        for alert, urgency in zip(alerts, urgencies, strict=True)
    ]
    emit_all(DetectionEvent.ALERT_RAISED, news)
    return alerts


def _urgencies(alerts: list[Alert]) -> list[Urgency]:
    """The first alert of its kind on its target goes before the repetition of others.

    R228/81-1: immediately. An attack that raises a thousand alerts must not keep another kind, or another target,
    waiting behind them; nor do alerts that a person has to grade.
    """
    since = min(alert.raised_at for alert in alerts) - NEWS_AGAIN
    known = set(
        Alert.objects.filter(raised_at__gte=since, target__in={alert.target for alert in alerts})
        .values_list("kind", "target", "marker")
        .distinct()
    )
    found = []
    for alert in alerts:
        attack = (alert.kind, alert.target, alert.marker)
        is_news = alert.kind is not None and attack not in known
        known.add(attack)
        found.append(Urgency.USUAL if is_news else Urgency.REPETITION)
    return found


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def take_rules(rules: Ruleset) -> list[Refused]:
    """Write down how the rules stand and forget what rules remembered that are no longer so; those refused anew.

    A refusal that was not known in these very words is reported as an event: it is news once, not at every start.
    """
    with Rows().transaction():
        _forget_other_rules(rules.correlations.values())
        rulefiles.take(rules.files)
        return _write_down(rules)


def _write_down(rules: Ruleset) -> list[Refused]:
    known = {row.key: row for row in RuleStatus.objects.select_for_update()}
    rows = [
        *(_loaded(rules, about.id) for about in rules.loaded),
        *map(_measured, rules.measures),
        *(_refused(one) for one in rules.refused),
    ]
    for row in rows:
        before = known.get(row.key)
        if before is not None and (before.state, before.reason) == (row.state, row.reason):
            row.since, row.groups_let_go = before.since, before.groups_let_go
    RuleStatus.objects.all().delete()
    RuleStatus.objects.bulk_create(rows)
    fresh = [
        one
        for one, row in zip(rules.refused, rows[len(rows) - len(rules.refused) :], strict=True)
        if row.key not in known or known[row.key].reason != row.reason
    ]
    for one in fresh:
        facts = {"file": one.file, "line": one.line, "id": one.id, "title": one.title, "reason": one.reason}
        emit(DetectionEvent.RULE_REFUSED, f"rule:{one.id or one.file}"[:120], facts)
    return fresh


def _loaded(rules: Ruleset, identifier: str) -> RuleStatus:
    about = rules.about(identifier)
    base, correlation = rules.bases.get(identifier), rules.correlations.get(identifier)
    meaning = correlation.meaning if correlation else None
    return RuleStatus(
        key=identifier,
        rule_id=identifier,
        title=about.title,
        file=about.file,
        line=about.line,
        level=about.level,
        state=RuleStatus.State.LOADED,
        telemetry=list(base.kinds) if base else [],
        needs=needs_of(rules, identifier),
        kind=meaning.kind if meaning else None,
        alerts=meaning is not None,
    )


def _measured(one: Measure) -> RuleStatus:
    return RuleStatus(
        key=one.about.id,
        rule_id=one.about.id,
        title=one.about.title,
        file=one.about.file,
        line=one.about.line,
        level=one.about.level,
        state=RuleStatus.State.LOADED,
        telemetry=[HEARTBEAT],
        needs=of_telemetry(HEARTBEAT),
        kind=one.kind,
        alerts=True,
    )


def _refused(one: Refused) -> RuleStatus:
    return RuleStatus(
        key=f"{one.file}:{one.line}",
        rule_id=one.id,
        title=one.title,
        file=one.file,
        line=one.line,
        state=RuleStatus.State.REFUSED,
        reason=one.reason,
        kind=one.kind,
    )


def _forget_other_rules(correlations: Iterable[Correlation]) -> None:
    """Forget what rules remembered whose text is another now. What waited under the former text is reported."""
    current = [f"{rule.about.id}/{rule.about.revision}" for rule in correlations]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM detection_remembered WHERE rule || '/' || revision <> ALL(%s) RETURNING rule, due_at",
            [current],
        )
        waited = Counter(rule for rule, due_at in cursor.fetchall() if due_at is not None)
    for rule, groups in waited.items():
        emit(DetectionEvent.WAITING_FORGOTTEN, f"rule:{rule}", {"id": rule, "groups": groups})


def tidy(rule: Correlation, *, read_until: datetime, most_groups: int = MOST_GROUPS, memory: Rows | None = None) -> int:
    """Forget groups of `rule` that no event can add to any more, and the oldest of too many; how many of the latter.

    A few thousand at once, so that nothing waits for it long: what is left goes the next time.
    `read_until`: when the newest event taken so far was read. A detector that was down for hours forgets nothing that
    the waiting frames still need, and a collector's clock that runs ahead makes it forget nothing either.
    """
    memory = memory or Rows()
    until = min(read_until, read_clock())
    with memory.transaction():
        # What waits is judged first: it is never forgotten in silence.
        groups = Remembered.objects.filter(rule=rule.about.id, due_at=None)
        ended = groups.filter(read_at__lt=until - timedelta(microseconds=rule.condition.retention))
        memory.forget(list(ended.values_list("pk", flat=True)[:_MOST_FORGOTTEN]))
        surplus = min(max(groups.count() - most_groups, 0), _MOST_FORGOTTEN)
        if surplus:
            memory.forget(list(groups.order_by("read_at", "id").values_list("pk", flat=True)[:surplus]))
            RuleStatus.objects.filter(pk=rule.about.id).update(groups_let_go=F("groups_let_go") + surplus)
        return surplus
