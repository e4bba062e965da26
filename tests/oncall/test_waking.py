"""Who is woken for what, once; who is woken next, and when; who is left asleep."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import acts
from senim.incidents import alerts as decisions
from senim.incidents.assessment import Assessment, Breach, Severity
from senim.incidents.deeds import Assess, Close, Deed, Regrade, Split, Withdraw
from senim.incidents.models import Exercise, Incident, IncidentAlert
from senim.kit.clock import now
from senim.oncall import handlers, operations, queries
from senim.oncall.errors import AlreadyAnswered, MayNotAnswer, TooSoon, Unreachable
from senim.oncall.models import Cause, Contact, Letter, Page
from senim.oncall.settings import OncallSettings
from senim.pulse.models import Beat
from senim.pulse.queries import SILENT_AFTER
from tests.incidents.conftest import MakeAlert
from tests.oncall.conftest import START, TESTER, NewIncident
from tests.processes import Processes, beat_at
from tests.staff import new_staff

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
ASSESSING = Assess(Assessment(Severity.LOW, Breach.NO, clients=0))


def woken(cause: Cause) -> list[str]:
    return list(cause.pages.order_by("step").values_list("account__username", flat=True))


def news_of(subject: str) -> Event:
    return Event.objects.get(subject=subject, tag="incidents:incident:opened")


@pytest.mark.clause("R228/81-1")
class TestAnIncident:
    """Wakes the first at once."""

    @pytest.mark.usefixtures("second")
    def test_the_first_is_woken_by_the_news_of_it(self, new_incident: NewIncident) -> None:
        incident = new_incident()
        handlers.wake_for_incident(news_of(incident.subject))
        (page,) = Page.objects.all()
        assert (page.account.username, page.step, page.letter.state) == ("aliya", 1, "waiting")
        assert AuditRow.objects.filter(subject=incident.subject, action="oncall:page:written").count() == 1

    @pytest.mark.usefixtures("second")
    def test_twice_told_is_once_woken(self, new_incident: NewIncident) -> None:
        incident = new_incident()
        assert operations.wake_for_incident(incident) is not None
        assert operations.wake_for_incident(incident) is None
        assert Page.objects.count() == Letter.objects.count() == 1

    @pytest.mark.usefixtures("second")
    def test_cause_page_and_letter_come_together_or_not_at_all(
        self, new_incident: NewIncident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        incident = new_incident()

        def fail(*_args: object, **_more: object) -> None:
            raise OSError("ended here")

        monkeypatch.setattr(operations, "emit", fail)
        with pytest.raises(OSError, match="ended here"):
            operations.wake_for_incident(incident)
        assert [model.objects.count() for model in (Cause, Page, Letter)] == [0, 0, 0]

    @pytest.mark.usefixtures("first")
    def test_that_somebody_was_woken_is_never_changed(self, new_incident: NewIncident) -> None:
        operations.wake_for_incident(new_incident())
        for change in (lambda: Page.objects.update(step=9), lambda: Page.objects.all().delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestTime:
    """Each has the same time to answer, to the microsecond; then the next is woken."""

    @pytest.fixture
    def cause(self, second: Account, new_incident: NewIncident) -> Cause:
        assert queries.on_call(START)[1] == second
        found = operations.wake_for_incident(new_incident(), now=START)
        assert found is not None
        return found

    def test_the_figure_is_ten_minutes(self, known: OncallSettings) -> None:
        assert known.answer_within == timedelta(minutes=10)

    def test_the_second_is_woken_when_the_first_had_time_enough(self, cause: Cause, known: OncallSettings) -> None:
        assert operations.escalate(now=START + known.answer_within - TICK) == 0
        assert operations.escalate(now=START + known.answer_within) == 1
        assert operations.escalate(now=START + known.answer_within) == 0
        assert woken(cause) == ["aliya", "berik"]

    def test_when_all_were_woken_in_vain_it_begins_anew_and_slower(self, cause: Cause) -> None:
        moment, distances = START, []
        for _ in range(6):
            wait = timedelta(0)
            while not operations.escalate(now=moment + wait):
                wait += timedelta(minutes=1)
            moment += wait
            distances.append(wait // timedelta(minutes=1))
        assert distances == [10, 10, 20, 20, 40, 40]
        assert woken(cause) == ["aliya", "berik"] * 3 + ["aliya"]

    @pytest.mark.usefixtures("cause")
    def test_the_distances_end_at_an_hour(self) -> None:
        assert operations._time_to_answer(200, START) == timedelta(hours=1)

    def test_whoever_answers_lets_the_others_sleep(
        self, cause: Cause, first: Account, second: Account, known: OncallSettings
    ) -> None:
        operations.answer(second, cause, now=START + known.answer_within - TICK)
        assert operations.escalate(now=START + known.answer_within) == 0
        with pytest.raises(AlreadyAnswered):
            operations.answer(first, cause)
        cause.refresh_from_db()
        assert cause.answered_by == second
        assert AuditRow.objects.filter(action="oncall:page:answered", subject=cause.subject).count() == 1

    @pytest.mark.refusal
    def test_an_auditor_only_looks(self, cause: Cause) -> None:
        with pytest.raises(MayNotAnswer):
            operations.answer(new_staff(Role.AUDITOR).account, cause)
        cause.refresh_from_db()
        assert cause.is_open

    def test_an_answer_is_given_once_and_by_somebody(self, cause: Cause, second: Account) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Cause.objects.filter(pk=cause.pk).update(answered_at=START)
        operations.answer(second, cause)
        with pytest.raises(DatabaseError, match="said once"), transaction.atomic():
            Cause.objects.filter(pk=cause.pk).update(answered_at=None, answered_by=None)

    def test_somebody_is_woken_as_soon_as_somebody_is_there(self, new_incident: NewIncident) -> None:
        cause = operations.wake_for_incident(new_incident(), now=START)
        assert cause is not None
        assert operations.escalate(now=START + TICK) == 0
        from tests.oncall.conftest import put_on_call

        put_on_call("dana", 1)
        assert operations.escalate(now=START + TICK) == 1
        assert woken(cause) == ["dana"]

    @pytest.mark.usefixtures("second")
    def test_who_cannot_be_reached_is_passed_over(self, first: Account, new_incident: NewIncident) -> None:
        Contact.objects.filter(account=first).update(phone="", email="")
        cause = operations.wake_for_incident(new_incident(), now=START)
        assert cause is not None
        assert woken(cause) == ["berik"]


@pytest.mark.clause("R228/81-1")
class TestAnAlertThatWaits:
    """Wakes somebody when no person at work has looked in time."""

    def test_the_figure_is_a_quarter_of_an_hour(self, known: OncallSettings) -> None:
        assert known.alert_waits == timedelta(minutes=15)

    @pytest.mark.parametrize(("early", "is_woken"), [(TICK, False), (timedelta(0), True)])
    @pytest.mark.usefixtures("first")
    def test_exactly_then(
        self, raise_alert: MakeAlert, known: OncallSettings, early: timedelta, is_woken: bool
    ) -> None:
        raise_alert(kind=None, raised_at=START)
        operations.look_at_alerts(now=START + known.alert_waits - early)
        assert Page.objects.exists() is is_woken

    @pytest.mark.refusal
    @pytest.mark.usefixtures("first")
    def test_a_graded_one_and_a_decided_one_wake_nobody(
        self, second: Account, raise_alert: MakeAlert, known: OncallSettings
    ) -> None:
        raise_alert(kind=2, raised_at=START)
        decided = raise_alert(kind=None, raised_at=START)
        decisions.dismiss(second, decided.pk, reason="our own scanner", fresh_second_factor=True)
        operations.look_at_alerts(now=START + known.alert_waits)
        assert not Cause.objects.exists()

    @pytest.mark.usefixtures("first")
    def test_looked_at_again_and_again_it_wakes_once_and_is_over_with_the_decision(
        self, second: Account, raise_alert: MakeAlert, known: OncallSettings
    ) -> None:
        alert = raise_alert(kind=None, raised_at=START)
        for minute in range(3):
            operations.look_at_alerts(now=START + known.alert_waits + timedelta(minutes=minute))
        (cause,) = Cause.objects.all()
        assert woken(cause) == ["aliya"]
        decisions.dismiss(second, alert.pk, reason="our own scanner", fresh_second_factor=True)
        operations.look_at_alerts(now=START + timedelta(hours=1))
        cause.refresh_from_db()
        assert cause.over_at == START + timedelta(hours=1)
        assert operations.escalate(now=START + timedelta(hours=2)) == 0


class TestWhatPeopleDid:
    """What somebody did about an incident or an alert lets people sleep."""

    def do(self, account: Account, incident: Incident, deed: Deed) -> None:
        """Decided at the door, carried out and heard by the worker."""
        said = {"seen": incident.revision, "reason": "two people looked", "fresh_second_factor": True}
        act = acts.decide(account, incident.pk, deed, **said)  # type: ignore[arg-type]
        acts.take_turn(act.pk, actor=TESTER)
        incident.refresh_from_db()
        handlers.let_rest(Event.objects.get(tag="incidents:act:done", payload__act=str(act.pk)))

    @pytest.mark.parametrize(
        ("deeds", "is_over"),
        [
            ((Withdraw(),), True),
            ((ASSESSING, Close(cause="a weak password", measures="changed")), True),
            ((ASSESSING,), False),
            ((Regrade(kind=4),), False),
        ],
    )
    def test_an_incident_that_is_none_any_more_is_over(
        self, second: Account, new_incident: NewIncident, known: OncallSettings, deeds: tuple[Deed, ...], is_over: bool
    ) -> None:
        incident = new_incident()
        cause = operations.wake_for_incident(incident, now=START)
        assert cause is not None
        for deed in deeds:
            self.do(second, incident, deed)
        cause.refresh_from_db()
        assert cause.is_open is not is_over
        assert operations.escalate(now=START + known.answer_within) == (0 if is_over else 1)

    def test_a_part_that_was_split_off_wakes_nobody(self, second: Account, new_incident: NewIncident) -> None:
        incident = new_incident()
        assert new_incident(account="berik") == incident
        operations.wake_for_incident(incident)
        leaves = incident.alerts.order_by("-pk")[0].alert_id
        incident.refresh_from_db()
        self.do(second, incident, Split(alerts=(leaves,)))
        part = Incident.objects.get(split_from=incident)
        handlers.wake_for_incident(news_of(part.subject))
        assert [cause.subject for cause in Cause.objects.all()] == [incident.subject]

    @pytest.mark.usefixtures("first")
    def test_a_warning_that_joined_an_incident_waits_no_more(
        self, raise_alert: MakeAlert, new_incident: NewIncident, known: OncallSettings
    ) -> None:
        warning, ripe = raise_alert(kind=None, raised_at=START), START + known.alert_waits
        operations.look_at_alerts(now=ripe)
        IncidentAlert.objects.create(incident=new_incident(), alert=warning)
        operations.look_at_alerts(now=ripe + TICK)
        assert Cause.objects.get(subject=f"alert:{warning.pk}").over_at == ripe + TICK
        late = raise_alert(kind=None, raised_at=START, target="another")
        IncidentAlert.objects.create(incident=new_incident(target="another"), alert=late)
        operations.look_at_alerts(now=ripe + timedelta(minutes=1))
        assert not Cause.objects.filter(subject=f"alert:{late.pk}").exists()


@pytest.mark.usefixtures("processes")
class TestThePagerItself:
    """It says that it comes round; where it does not and the worker does, that is seen."""

    @pytest.mark.parametrize(("after", "is_told"), [(timedelta(0), False), (TICK, True)])
    def test_silence_is_told_to_the_microsecond(self, after: timedelta, is_told: bool) -> None:
        beat_at(START)
        Beat.objects.create(process=queries.PAGER[0], part=queries.PAGER[1], at=START - SILENT_AFTER - after)
        assert queries.pager_stands_still(START) is is_told

    def test_a_worker_that_does_not_work_is_told_as_such(self, processes: Processes) -> None:
        """As the pager that has never spoken is, while its worker works: `test_silence_is_told_to_the_microsecond`."""
        beat_at(START)
        processes.end("worker")
        assert not queries.pager_stands_still(START)


class TestTrouble:
    """A fault that lasts wakes once; what comes back soon is the one of before."""

    def wake(self, minute: float) -> Cause | None:
        return operations.wake_for_trouble("asoi:late", "Messages", now=START + timedelta(minutes=minute))

    @pytest.mark.usefixtures("first")
    def test_once_until_it_is_over(self) -> None:
        assert self.wake(0) is not None
        assert self.wake(1) is None
        assert queries.open_troubles() == {"asoi:late"}

    @pytest.mark.parametrize(("after", "is_woken"), [(timedelta(0), False), (TICK, True)])
    @pytest.mark.usefixtures("first")
    def test_again_after_more_than_an_hour(self, after: timedelta, is_woken: bool) -> None:
        self.wake(0)
        operations.over("check:asoi:late", now=START)
        again = operations.wake_for_trouble("asoi:late", "Messages", now=START + operations.SAME_TROUBLE + after)
        assert (again is not None) is is_woken
        assert Cause.objects.filter(over_at=None).count() == 1

    @pytest.mark.usefixtures("second")
    def test_who_answered_for_it_still_does_when_it_comes_back(self, first: Account) -> None:
        cause = self.wake(0)
        assert cause is not None
        operations.answer(first, cause)
        operations.over("check:asoi:late", now=START)
        assert self.wake(5) is None
        assert operations.escalate(now=START + timedelta(hours=3)) == 0


class TestStorm:
    """Many things at once ring a few times, and the rest is gathered."""

    def wake(self, number: int, new_incident: NewIncident, moment: object = START) -> list[Cause]:
        found = [
            operations.wake_for_incident(new_incident(target=f"host-{n}"), now=moment)  # type: ignore[arg-type]
            for n in range(number)
        ]
        return [cause for cause in found if cause is not None]

    @pytest.mark.usefixtures("first")
    def test_three_letters_and_one_that_gathers(self, new_incident: NewIncident) -> None:
        assert len(self.wake(50, new_incident)) == 50
        assert Page.objects.count() == 50
        singles, gathering = Letter.objects.filter(is_digest=False), Letter.objects.get(is_digest=True)
        assert singles.count() == operations.SINGLES
        assert gathering.pages.count() == 50 - operations.SINGLES
        assert gathering.next_try_at == START + operations.STORM

    @pytest.mark.parametrize(("after", "digests"), [(-TICK, 1), (timedelta(0), 0)])
    @pytest.mark.usefixtures("first")
    def test_the_storm_is_over_after_ten_minutes(
        self, new_incident: NewIncident, after: timedelta, digests: int
    ) -> None:
        self.wake(operations.SINGLES, new_incident)
        self.wake(1, lambda **_: new_incident(target="later"), START + operations.STORM + after)
        assert Letter.objects.filter(is_digest=True).count() == digests

    def test_another_person_s_storm_is_another(self, second: Account, new_incident: NewIncident) -> None:
        causes = self.wake(4, new_incident)
        operations.escalate(now=START + timedelta(minutes=30))
        assert all(woken(cause) == ["aliya", "berik"] for cause in causes)
        assert Letter.objects.filter(account=second, is_digest=False).count() == operations.SINGLES

    @pytest.mark.usefixtures("second")
    def test_who_is_told_by_a_gathering_letter_has_time_from_its_sending_on(
        self, new_incident: NewIncident, known: OncallSettings
    ) -> None:
        *_, last = self.wake(4, new_incident)
        ripe = START + operations.STORM + known.answer_within
        operations.escalate(now=ripe - TICK)
        assert woken(last) == ["aliya"]
        operations.escalate(now=ripe)
        assert woken(last) == ["aliya", "berik"]


class TestExercises:
    """Wake only who declared them."""

    @pytest.fixture
    def declare(self) -> Callable[..., Exercise]:
        def make(account: Account, **parts: object) -> Exercise:
            from senim.kit.marker import new_marker

            moment = now()
            known = {"kind": 2, "marker": new_marker(), "declared_at": moment, "until": moment + timedelta(minutes=15)}
            return Exercise.objects.create(declared_by=account, **{**known, **parts})

        return make

    @pytest.mark.usefixtures("first")
    def test_nobody_else_is_woken_nor_after_any_time(
        self, second: Account, new_incident: NewIncident, declare: Callable[..., Exercise]
    ) -> None:
        exercise = declare(second)
        cause = operations.wake_for_incident(new_incident(marker=exercise.marker))
        assert cause is not None
        assert cause.exercise
        assert woken(cause) == ["berik"]
        assert operations.escalate(now=now() + timedelta(days=1)) == 0
        assert queries.unanswered().count() == 0

    @pytest.mark.usefixtures("rules")
    def test_an_ungraded_alert_of_an_exercise_as_well(
        self, second: Account, raise_alert: MakeAlert, declare: Callable[..., Exercise]
    ) -> None:
        exercise = declare(second)
        cause = operations.wake_for_alert(raise_alert(kind=None, marker=exercise.marker))
        assert cause is not None
        assert woken(cause) == ["berik"]

    @pytest.mark.refusal
    @pytest.mark.usefixtures("rules")
    def test_whoever_wears_an_old_marker_is_real(
        self, second: Account, raise_alert: MakeAlert, declare: Callable[..., Exercise]
    ) -> None:
        exercise = declare(second)
        late = exercise.until + TICK
        cause = operations.wake_for_alert(raise_alert(kind=None, marker=exercise.marker, raised_at=late))
        assert cause is not None
        assert not cause.exercise
        assert woken(cause) == ["aliya"]

    @pytest.mark.usefixtures("first")
    def test_who_declared_it_and_cannot_be_reached_is_not_replaced(
        self, new_incident: NewIncident, declare: Callable[..., Exercise]
    ) -> None:
        exercise = declare(new_staff(Role.ADMINISTRATOR).account)
        cause = operations.wake_for_incident(new_incident(marker=exercise.marker))
        assert cause is not None
        assert woken(cause) == []

    def test_exercises_do_not_crowd_out_what_is_real(
        self, first: Account, new_incident: NewIncident, declare: Callable[..., Exercise]
    ) -> None:
        for n in range(operations.SINGLES + 1):
            exercise = declare(first)
            operations.wake_for_incident(new_incident(marker=exercise.marker, target=f"host-{n}"))
        operations.wake_for_incident(new_incident(target="real"))
        assert not Letter.objects.filter(is_digest=True).exists()


class TestTestPages:
    """Go to who asks for them, once a minute."""

    def test_asked_for_at_the_door_and_written_by_the_worker(self, first: Account) -> None:
        operations.ask_for_test(first)
        handlers.send_test(Event.objects.get(tag="oncall:test:asked"))
        (page,) = Page.objects.all()
        assert (page.account, page.cause.kind) == (first, "test")

    @pytest.mark.parametrize(
        ("after", "is_refused"), [(timedelta(minutes=1) - TICK, True), (timedelta(minutes=1), False)]
    )
    def test_once_a_minute(self, first: Account, after: timedelta, is_refused: bool) -> None:
        operations.send_test(first, now=START)
        if is_refused:
            with pytest.raises(TooSoon):
                operations.ask_for_test(first, now=START + after)
        else:
            operations.ask_for_test(first, now=START + after)

    @pytest.mark.refusal
    def test_without_a_way_there_is_nothing_to_test(self, first: Account) -> None:
        Contact.objects.all().delete()
        with pytest.raises(Unreachable):
            operations.ask_for_test(first)
