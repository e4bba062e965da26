"""Every event once, numbered without a hole, in batches that commit with their leaving the feed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pytest_django import Settings

from senim.asoi import operations as asoi
from senim.asoi import queries as asoi_queries
from senim.asoi.errors import NoFileForm
from senim.asoi.internal.channel import Channel
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.event_feed import operations, queries
from senim.event_feed.checks import CHECKS
from senim.event_feed.models import Chain, Portion
from senim.event_feed.settings import Chosen, EventFeedSettings
from senim.kit.checks import Asked
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.telemetry import markers
from senim.telemetry.frames import Frame, Line
from tests.asoi.conftest import TESTER
from tests.asoi.copies import copy_of, pin_real
from tests.event_feed.feeding import AT_ONCE, SCHEMA, batches, frame, numbers, policy, sign_of_life

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2")]
MARKER = "exercise-0123456789abcdef"


@contextmanager
def killed_before_the_commit() -> Iterator[None]:
    """What happens inside never committed."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def faults(instance: Instance) -> dict[str, list[str]]:
    asked = Asked(instance, now())
    return {check.name: [str(fault.what) for fault in check.find(asked)] for check in CHECKS}


def test_what_is_picked_goes_numbered_from_one_in_a_body_of_the_agreed_form() -> None:
    assert operations.take(policy(), [frame(1, ["dana", "erlan"]), frame(1, ["dana"], source="other")]) == 3
    assert operations.put_batches(AT_ONCE) == 1
    (body,) = batches()
    Draft202012Validator(SCHEMA).validate(body)
    assert (body["first"], body["last"], numbers()) == (1, 3, [1, 2, 3])
    assert [event["line"] for event in body["events"]] == [1, 2, 1]
    assert body["events"][0]["keyed"] == body["events"][2]["keyed"]  # one person, seen twice
    message = Message.objects.get()
    assert (message.kind, message.sequence, message.exercise) == (MessageKind.EVENT_BATCH, 1, False)
    assert "dana" not in message.told


def test_the_next_batch_goes_on_where_the_last_one_ended(channel: Channel) -> None:
    for first in (1, 3, 5):
        operations.take(policy(), [frame(first, ["dana", "erlan"])])
        operations.put_batches(AT_ONCE)
    assert Portion.objects.count() == 2  # one batch waits at the outbox: what came since goes together
    assert [(body["first"], body["last"]) for body in batches()] == [(1, 2)]
    message = Message.objects.get()
    channel.seal(message)
    channel.deliver(message.pk)
    operations.put_batches(AT_ONCE)
    assert [(body["first"], body["last"]) for body in batches()] == [(1, 2), (3, 6)]


@given(st.lists(st.integers(0, 3), max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_frames_come_again_each_line_is_picked_once(shown: list[int]) -> None:
    frames = [frame(1, ["a", "b"]), frame(3, ["c"]), frame(2, ["b", "c", "d"]), frame(5, ["e"])]
    with transaction.atomic():
        for place in [*shown, 3, 0, 1, 2]:
            operations.take(policy(), [frames[place]])
        operations.put_batches(AT_ONCE)
        (body,) = batches()
        assert sorted(event["line"] for event in body["events"]) == [1, 2, 3, 4, 5]
        assert numbers() == [1, 2, 3, 4, 5]
        assert not queries.has_untold()
        transaction.set_rollback(True)


def test_killed_before_the_commit_nothing_is_taken_and_no_number_is_spent() -> None:
    with killed_before_the_commit():
        operations.take(policy(), [frame(1, ["dana"])])
    operations.take(policy(), [frame(1, ["dana"])])
    operations.put_batches(AT_ONCE)
    assert numbers() == [1]


def test_a_batch_and_its_leaving_the_feed_commit_together() -> None:
    operations.take(policy(), [frame(1, ["dana"])])
    with killed_before_the_commit():
        operations.put_batches(AT_ONCE)
    assert (Message.objects.count(), Portion.objects.count()) == (0, 1)
    operations.put_batches(AT_ONCE)
    assert (numbers(), Portion.objects.count()) == ([1], 0)
    assert operations.put_batches(AT_ONCE) == 0


def test_a_young_event_waits_for_others_and_a_full_batch_for_nobody() -> None:
    patient = EventFeedSettings(batch_seconds=3600, batch_events=250)
    operations.take(policy(), [frame(1, ["dana"] * 249)])
    assert operations.put_batches(patient) == 0
    operations.take(policy(), [frame(250, ["dana"])])
    assert operations.put_batches(patient) == 1
    assert numbers() == list(range(1, 251))


def test_a_batch_holds_no_more_than_it_may() -> None:
    operations.take(policy(), [frame(1, ["dana"] * 600)])
    told = EventFeedSettings(batch_seconds=0, batch_events=250)
    while operations.put_batches(told):
        pass
    assert [(body["first"], body["last"]) for body in batches()] == [(1, 250), (251, 500)]
    assert [len(body["events"]) for body in batches()] == [250, 250]


@pytest.mark.refusal
def test_no_more_batches_wait_at_the_outbox_than_may_and_the_rest_waits_in_the_feed(channel: Channel) -> None:
    told = EventFeedSettings(batch_seconds=0, batch_events=250, batches_waiting=2)
    operations.take(policy(), [frame(1, ["dana"] * 500), frame(501, ["dana"] * 500)])
    assert [operations.put_batches(told) for _ in range(3)] == [1, 1, 0]
    (first, _) = asoi_queries.messages_about(Chain.Name.EVENTS)
    channel.seal(first)
    channel.deliver(first.pk)
    assert operations.put_batches(told) == 1
    assert numbers() == list(range(1, 751))


@pytest.mark.refusal
def test_a_feed_that_holds_enough_says_that_it_stopped_reading(instance: Instance) -> None:
    operations.take(policy(), [frame(1, ["dana"] * 3)])
    assert queries.is_full(EventFeedSettings(events_kept=3))
    assert not queries.is_full(EventFeedSettings(events_kept=4))
    full = Instance(instance.home, instance.profile, {"event_feed": {"events_kept": 3}})
    assert faults(full)["event-feed:behind"] == ["The event feed has stopped reading: as many events wait in it as may"]


class TestMissing:
    """Numbers that never came are told, once nothing is on its way."""

    def test_the_regulator_is_told_which_lines_never_came(self, instance: Instance) -> None:
        operations.take(policy(), [frame(1, ["dana"]), frame(5, ["dana"])])
        assert faults(instance)["event-feed:missing"]
        assert operations.tell_missing(policy()) == 3
        operations.put_batches(AT_ONCE)
        (body,) = batches()
        Draft202012Validator(SCHEMA).validate(body)
        assert [(one["source"], one["first"], one["last"]) for one in body["missing"]] == [("sshd", 2, 4)]
        assert not faults(instance)["event-feed:missing"]
        assert queries.standing(AT_ONCE).missing == 3

    def test_a_sign_of_life_shows_that_the_last_lines_never_came(self) -> None:
        operations.take(policy(), [frame(1, ["dana"]), sign_of_life(4, now())])
        assert operations.tell_missing(policy()) == 2

    def test_what_comes_late_is_picked_and_not_told_as_missing(self) -> None:
        operations.take(policy(), [frame(1, ["dana"]), frame(4, ["dana"]), frame(2, ["erlan"])])
        assert operations.tell_missing(policy()) == 1
        operations.put_batches(AT_ONCE)
        (body,) = batches()
        assert [event["line"] for event in body["events"]] == [1, 4, 2]
        assert [(one["first"], one["last"]) for one in body["missing"]] == [(3, 3)]

    def test_a_batch_may_tell_of_missing_lines_alone(self) -> None:
        operations.take(policy(), [sign_of_life(3, now())])
        operations.tell_missing(policy())
        operations.put_batches(AT_ONCE)
        (body,) = batches()
        Draft202012Validator(SCHEMA).validate(body)
        assert (body["first"], body["last"], body["events"]) == (1, 0, [])


class TestExercises:
    """They are events too, in a chain of their own, and reach a stand-in only."""

    @pytest.fixture
    def made_on_purpose(self) -> Frame:
        markers.declare(MARKER, now() + timedelta(minutes=5))
        return frame(1, ["dana", MARKER, "erlan"])

    def test_the_two_never_mix(self, made_on_purpose: Frame) -> None:
        operations.take(policy(Chosen("sshd", ("password-failed",), ("host",))), [made_on_purpose])
        operations.put_batches(AT_ONCE)
        assert (numbers(), numbers(Chain.Name.EXERCISES)) == ([1, 2], [1])
        told = dict(Message.objects.values_list("about", "exercise"))
        assert told == {Chain.Name.EVENTS: False, Chain.Name.EXERCISES: True}

    @pytest.mark.refusal
    def test_with_a_real_regulator_none_leaves(
        self, made_on_purpose: Frame, instance: Instance, tmp_path: Path, settings: Settings
    ) -> None:
        settings.SENIM_INSTANCE = copy_of(instance, tmp_path)
        pin_real(settings.SENIM_INSTANCE)
        operations.take(policy(), [made_on_purpose])
        operations.put_batches(AT_ONCE)
        assert (numbers(), numbers(Chain.Name.EXERCISES)) == ([1, 2], [])

    def test_what_only_looks_like_a_marker_is_an_event_like_any(self) -> None:
        operations.take(policy(), [frame(1, [MARKER])])
        operations.put_batches(AT_ONCE)
        assert (numbers(), numbers(Chain.Name.EXERCISES)) == ([1], [])


class TestAtTheOutbox:
    """Batches wait for everything else, and go into ASOI only."""

    @pytest.mark.clause("R228/81-1")
    def test_an_incident_is_sealed_and_sent_before_batches_that_came_earlier(
        self, enqueue: Callable[..., Message], channel: Channel
    ) -> None:
        operations.take(policy(), [frame(1, ["dana"])])
        operations.put_batches(AT_ONCE)
        notice = enqueue()
        assert asoi_queries.to_seal() == [notice]
        channel.seal(notice)
        (batch,) = asoi_queries.to_seal()
        assert batch.kind == MessageKind.EVENT_BATCH
        channel.seal(batch)
        assert asoi_queries.to_send() == [notice.pk, batch.pk]

    def test_one_batch_at_a_time_is_sealed_and_sent(self, channel: Channel) -> None:
        told = EventFeedSettings(batch_seconds=0, batch_events=250)
        operations.take(policy(), [frame(1, ["dana"] * 500)])
        while operations.put_batches(told):
            pass
        first, second = asoi_queries.messages_about(Chain.Name.EVENTS)
        assert asoi_queries.to_seal() == [first]
        channel.seal(first)
        assert asoi_queries.to_seal() == [second]
        channel.seal(second)
        assert asoi_queries.to_send() == [first.pk]

    @pytest.mark.refusal
    def test_events_have_no_electronic_format(self, channel: Channel, enqueue: Callable[..., Message]) -> None:
        operations.take(policy(), [frame(1, ["dana"])])
        operations.put_batches(AT_ONCE)
        (batch,) = asoi_queries.messages_about(Chain.Name.EVENTS)
        notice = enqueue()
        for message in (batch, notice):
            channel.seal(message)
        with pytest.raises(NoFileForm):
            asoi.export(batch.pk, actor=TESTER)
        assert asoi_queries.message(batch.pk).state == Message.State.SEALED
        assert asoi.export(notice.pk, actor=TESTER)


class TestChecks:
    """What is not in order is said by name."""

    def test_nothing_was_read_yet(self, instance: Instance) -> None:
        assert faults(instance)["event-feed:behind"] == ["The event feed is behind"]

    @pytest.mark.parametrize(("ago", "said"), [(50, []), (70, ["The event feed is behind"])])
    def test_behind_is_a_minute(self, instance: Instance, ago: int, said: list[str]) -> None:
        operations.take(policy(), [sign_of_life(1, now() - timedelta(seconds=ago))])
        assert faults(instance)["event-feed:behind"] == said

    @pytest.mark.parametrize(("ago", "silent"), [(290, False), (310, True)])
    def test_silent_is_five_minutes(self, instance: Instance, ago: int, silent: bool) -> None:
        operations.take(policy(), [frame(1, ["dana"])])
        Portion.objects.update(at=now() - timedelta(seconds=ago))
        assert bool(faults(instance)["event-feed:silent"]) is silent

    @pytest.mark.refusal
    def test_a_policy_that_changed_for_the_worse_is_named(self, instance: Instance) -> None:
        assert not faults(instance)["event-feed:policy"]
        wrong = {"event_feed": {"events": [{"kind": "sshdd", "actions": ["a"]}]}}
        found = faults(Instance(instance.home, instance.profile, wrong))
        assert "the kind is unknown" in found["event-feed:policy"][0]
        assert found["event-feed:behind"] == ["Which events go to the regulator is not known"]


def test_what_several_records_say_together_is_understood_across_frames() -> None:
    """The second record alone would not say that the program was executed."""
    head = 'type=SYSCALL msg=audit(1795646549.178:5): arch=c000003e syscall=59 success=yes exe="/srv/x" '
    first = f'{head} auid=0 uid=0 key="senim-watched-uploads"'.encode()
    second = b'type=PATH msg=audit(1795646549.178:5): item=0 name="/srv/uploads/x" nametype=NORMAL'
    chosen = Chosen("auditd", ("file-executed",), ("host", "folder"), ("path",))
    for seq, data in enumerate((first, second), start=1):
        line = Line(seq, now().timestamp(), data)
        operations.take(policy(chosen), [Frame("auditd", "auditd", "gate-1", "e1", (line,))])
    operations.put_batches(AT_ONCE)
    assert [event["action"] for body in batches() for event in body["events"]] == ["file-executed"]
