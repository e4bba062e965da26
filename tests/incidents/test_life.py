"""Whatever happens in whatever order: every alert is in one live incident, every change is told once and in order."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from senim.asoi.models import Message
from senim.audit.operations import Actor
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import acts, operations, queries, yearly
from senim.incidents.assessment import Assessment, Breach, Severity
from senim.incidents.deeds import Assess, Close, Deed, Downtime, Merge, Regrade, Reinstate, Split, Withdraw
from senim.incidents.errors import ActRefused
from senim.incidents.models import Act, Exercise, Incident, IncidentAlert, Party
from senim.incidents.yearly import OfKind
from senim.kit.clock import now
from senim.kit.moments import local_day
from tests.incidents.conftest import MakeAlert, hold_against_schemas, pass_on

WORKER = Actor.process("worker")
TOLD_AS = {"close": "closed", "downtime": "downtime", "regrade": "kind", "reinstate": "reinstated", "split": "split"}
TOLD_AS |= {"assess": "assessed", "merge": "merged", "withdraw": "withdrawn"}
few = st.integers(min_value=0, max_value=2)
any_number = st.integers(min_value=0, max_value=50)


class Life(RuleBasedStateMachine):
    """Alerts come, people act, the worker takes turns late and in any order, messages leave now and then."""

    def __init__(self, analyst: Account, exercise: Exercise, raise_alert: MakeAlert) -> None:
        super().__init__()
        self.analyst, self.exercise, self.raise_alert = analyst, exercise, raise_alert
        self.year = local_day(now()).year
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.alerts: dict[Any, bool] = {}
        self.expected: dict[str, list[str]] = defaultdict(list)
        self.waiting: list[Act] = []
        self.known: list[tuple[datetime, list[OfKind]]] = []

    def teardown(self) -> None:
        """Leave nothing behind for the next life."""
        hold_against_schemas()
        for moment, known in self.known:
            assert yearly.by_kind(self.year, moment) == known, "what was known then is told otherwise now"
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @rule(kind=st.sampled_from([2, 3]), names=st.tuples(few, few, few), late=few, played=st.booleans())
    def alert(self, kind: int, names: tuple[int, int, int], late: int, played: bool) -> None:
        machine, actor, account = names
        at = now() + timedelta(minutes=40 * late)
        raised = self.raise_alert(
            kind=kind,
            target=f"core-{machine}",
            actor=f"192.0.2.{actor}",
            account=f"user-{account}",
            last_at=at,
            marker=self.exercise.marker if played else "",
        )
        incident = operations.open_from_alert(raised, actor=WORKER)
        assert incident.state == "open"
        self.alerts[raised.pk] = incident.exercise_id is not None

    def _decide(self, which: int, deed: Callable[[Incident], Deed]) -> None:
        known = list(Incident.objects.order_by("serial"))
        incident = known[which % len(known)]
        try:
            act = acts.decide(
                self.analyst, incident.pk, deed(incident), seen=incident.revision, reason="so", fresh_second_factor=True
            )
        except ActRefused:
            return
        self.waiting.append(act)

    @precondition(lambda self: self.alerts)
    @rule(which=any_number, other=any_number)
    def merge(self, which: int, other: int) -> None:
        known = list(Incident.objects.order_by("serial"))
        self._decide(which, lambda _: Merge(into=known[other % len(known)].pk))

    @precondition(lambda self: self.alerts)
    @rule(which=any_number, chosen=st.sets(any_number, min_size=1, max_size=3))
    def split(self, which: int, chosen: set[int]) -> None:
        def deed(incident: Incident) -> Deed:
            present = list(queries.alerts_of(incident).values_list("pk", flat=True)) or list(self.alerts)
            return Split(alerts=tuple({present[number % len(present)] for number in chosen}))

        self._decide(which, deed)

    @precondition(lambda self: self.alerts)
    @rule(which=any_number, kind=st.integers(min_value=1, max_value=6))
    def regrade(self, which: int, kind: int) -> None:
        self._decide(which, lambda _: Regrade(kind=kind))

    @precondition(lambda self: self.alerts)
    @rule(
        which=any_number,
        deed=st.sampled_from(
            [
                Withdraw(),
                Reinstate(),
                Assess(Assessment(Severity.LOW, Breach.NO, clients=0)),
                Assess(Assessment(Severity.CRITICAL, Breach.UNKNOWN)),
                Close(cause="c", measures="m"),
                Downtime(began=now(), ended=now() + timedelta(hours=2)),
            ]
        ),
    )
    def act(self, which: int, deed: Deed) -> None:
        self._decide(which, lambda _: deed)

    @precondition(lambda self: self.waiting)
    @rule(which=any_number)
    def turn(self, which: int) -> None:
        act = self.waiting.pop(which % len(self.waiting))
        if acts.take_turn(act.pk, actor=WORKER).refusal:
            return
        if act.name == "merge":
            survivor = Incident.objects.get(pk=act.deed["into"])
            self.expected[survivor.subject].append("took-over")
        self.expected[act.incident.subject].append(TOLD_AS[act.name])

    @rule()
    def messages_leave(self) -> None:
        pass_on()
        victims = Party.objects.filter(told_in=None, events__gt=0).exclude(role="actor")
        assert not victims.filter(incident__state__in=["open", "closed"]).exists()

    @invariant()
    def every_alert_is_in_exactly_one_live_incident(self) -> None:
        present = IncidentAlert.objects.filter(followed_by=None).select_related("incident")
        assert sorted(link.alert_id for link in present) == sorted(self.alerts)
        assert not [link for link in present if link.incident.state == "merged"]

    @invariant()
    def nothing_crosses_between_an_exercise_and_what_is_real(self) -> None:
        for link in IncidentAlert.objects.select_related("incident"):
            assert (link.incident.exercise_id is not None) is self.alerts[link.alert_id]
        for incident in Incident.objects.exclude(state="merged"):
            marked = set(Message.objects.filter(about=incident.subject).values_list("exercise", flat=True))
            assert marked == {incident.exercise_id is not None}

    @invariant()
    def counts_are_those_of_the_alerts_in_it(self) -> None:
        for incident in Incident.objects.exclude(state="merged"):
            present = list(queries.alerts_of(incident))
            assert incident.alert_count == len(present) > 0
            assert incident.event_count == sum(alert.count for alert in present)
            assert incident.last_event_at == max(alert.last_at for alert in present)
            for role in Party.Role:
                known = {(each.name, each.events) for each in queries.parties(incident, role)}
                counted: dict[str, int] = defaultdict(int)
                for alert in present:
                    counted[getattr(alert, role.value)] += alert.count
                assert known == set(counted.items())

    @invariant()
    def every_change_is_told_once_and_in_order(self) -> None:
        for incident in Incident.objects.all():
            told = list(Message.objects.filter(about=incident.subject).order_by("sequence"))
            assert [each.sequence for each in told] == list(range(1, len(told) + 1))
            assert [each.kind for each in told] == ["IncidentNotice"] + ["IncidentUpdate"] * (len(told) - 1)
            types = [each.body["type"] for each in told[1:]]
            assert [each for each in types if each != "extent"] == self.expected[incident.subject]
            named = [each["name"] for body in told[1:] for each in body.body["added"]["accounts"]]
            assert len(named) == len(set(named))

    @invariant()
    def what_is_known_now_is_remembered(self) -> None:
        moment = now()
        self.known.append((moment, yearly.by_kind(self.year, moment)))

    @invariant()
    def acts_have_no_holes(self) -> None:
        for incident in Incident.objects.all():
            done = incident.acts.filter(outcome__isnull=False).count()
            assert incident.revision == done
            assert list(incident.acts.values_list("revision", flat=True)) == list(range(1, incident.acts.count() + 1))
            assert incident.acts.count() - done <= 1


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_any_life(staff: Callable[[Role], Account], exercise: Exercise, raise_alert: MakeAlert) -> None:
    analyst = staff(Role.ANALYST)
    run_state_machine_as_test(
        lambda: Life(analyst, exercise, raise_alert),
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
