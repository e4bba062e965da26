"""Letters leave over TLS by three ways, each of which can misbehave; what fails goes by the next way."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_string
from email.policy import default
from uuid import uuid4

import msgspec
import pytest

from senim.audit.models import AuditRow
from senim.identity.models import Account
from senim.kit import secrets
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.oncall import operations, pager, queries
from senim.oncall.models import Attempt, Contact, Letter
from senim.oncall.ports import NotSent, Parcel, is_allowed, mail, posting
from senim.oncall.ports.trust import tls_context
from senim.oncall.settings import OncallSettings
from senim.site.certificates import post as post_home
from stand_ins.post.behaviour import Mode
from tests.oncall.conftest import NewIncident
from tests.oncall.post import Post, empty, serving

WAYS = ("sms", "webhook", "mail")
ADDRESSES = {"sms": "+77000000001", "mail": "aliya@ulgi.example"}


@pytest.fixture(scope="module")
def program(instance: Instance) -> Iterator[Post]:
    empty(post_home(instance))
    with serving(instance) as found:
        yield found


@pytest.fixture
def post(program: Post) -> Iterator[Post]:
    """The stand-ins, well behaved at first and afterwards."""
    for way in WAYS:
        program.behave(way, Mode.WELL)
    yield program
    for way in WAYS:
        program.behave(way, Mode.WELL)


@pytest.fixture
def sender(instance: Instance) -> Iterator[pager.Pager]:
    found = pager.Pager(instance, secrets.load(instance, "worker"))
    yield found
    found.close()


def parcel(way: str, post: Post) -> Parcel:
    address = ADDRESSES.get(way) or f"https://127.0.0.1:{post.ports['webhook']}/aliya"
    return Parcel(uuid4(), address, "Senim: Оқыс оқиға 2026-000001\nhttps://localhost:1/kk/oncall/pages/1/")


class TestEachWay:
    """What is common to all three."""

    @pytest.mark.parametrize("way", WAYS)
    def test_the_very_words_arrive_over_a_tls_of_today(self, post: Post, sender: pager.Pager, way: str) -> None:
        sent = parcel(way, post)
        sender._ports[way].send(sent)
        came = post.received(way)[-1]
        assert (came.id, came.text) == (str(sent.letter), sent.text)
        assert came.tls in {"TLSv1.2", "TLSv1.3"}

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("mode", [Mode.DOWN, Mode.ERROR, Mode.REFUSE, Mode.CUT_AFTER])
    def test_what_fails_is_called_so_and_says_neither_address_nor_text(
        self, post: Post, sender: pager.Pager, way: str, mode: Mode
    ) -> None:
        post.behave(way, mode)
        sent = parcel(way, post)
        with pytest.raises(NotSent) as failure:
            sender._ports[way].send(sent)
        told = str(failure.value)
        assert told
        assert not any(part in told for part in (sent.address, sent.text, "2026"))

    @pytest.mark.parametrize("way", WAYS)
    def test_one_that_falls_silent_costs_a_bounded_time(
        self, post: Post, sender: pager.Pager, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail, "WITHIN", 0.5)
        monkeypatch.setattr(posting, "WITHIN", 0.5)
        post.behave(way, Mode.SILENT)
        with pytest.raises(NotSent):
            sender._ports[way].send(parcel(way, post))

    @pytest.mark.parametrize("way", WAYS)
    def test_one_that_is_late_is_waited_for(self, post: Post, sender: pager.Pager, way: str) -> None:
        post.behave(way, Mode.LATE, delay=0.3)
        sent = parcel(way, post)
        sender._ports[way].send(sent)
        assert post.received(way)[-1].id == str(sent.letter)

    @pytest.mark.parametrize("way", WAYS)
    def test_the_same_letter_again_is_known_by_its_identifier(self, post: Post, sender: pager.Pager, way: str) -> None:
        post.behave(way, Mode.CUT_AFTER, times_left=1)
        sent = parcel(way, post)
        with pytest.raises(NotSent):
            sender._ports[way].send(sent)
        sender._ports[way].send(sent)
        assert [each.id for each in post.received(way)].count(str(sent.letter)) == 1

    @pytest.mark.parametrize("way", WAYS)
    def test_the_stand_in_can_ring_twice(self, post: Post, sender: pager.Pager, way: str) -> None:
        """A control: a count of one above would prove nothing of a receiver that never counts two."""
        post.behave(way, Mode.TWICE, times_left=1)
        sent = parcel(way, post)
        sender._ports[way].send(sent)
        assert [each.id for each in post.received(way)].count(str(sent.letter)) == 2


@pytest.mark.clause("R228/81-13")
class TestEncryption:
    """Nothing goes in clear, below the law's version, or to somebody unproven."""

    @pytest.mark.refusal
    def test_a_mail_server_without_starttls_gets_nothing(self, post: Post, sender: pager.Pager) -> None:
        post.behave("mail", Mode.PLAIN)
        before = len(post.received())
        with pytest.raises(NotSent, match="SMTPNotSupportedError"):
            sender._ports["mail"].send(parcel("mail", post))
        assert len(post.received()) == before

    @pytest.mark.refusal
    @pytest.mark.parametrize("way", ["sms", "webhook"])
    def test_an_old_tls_is_not_spoken(self, instance: Instance, sender: pager.Pager, way: str) -> None:
        from tests.doctor.listener import TLS, listening

        with listening(instance, TLS.TLSv1, TLS.TLSv1_1) as old:
            host = f"127.0.0.1:{old.port}"
            port = sender._ports[way]
            if way == "sms":
                port._url = f"https://{host}/messages"  # type: ignore[attr-defined]
            else:
                port._hosts = (host,)  # type: ignore[attr-defined]
            with pytest.raises(NotSent):
                port.send(Parcel(uuid4(), f"https://{host}/x" if way == "webhook" else "+77000000001", "text"))

    @pytest.mark.parametrize("way", WAYS)
    def test_a_server_that_proves_to_be_nobody_is_told_nothing(self, post: Post, sender: pager.Pager, way: str) -> None:
        """Whoever the machine and the bureau do not know cannot certify it."""
        before = len(post.received())
        port = sender._ports[way]
        port._tls = ssl.create_default_context(cafile=None, cadata=None, capath="/nonexistent")  # type: ignore[attr-defined]
        with pytest.raises(NotSent):
            port.send(parcel(way, post))
        assert len(post.received()) == before

    def test_the_lowest_version_is_the_law_s(self, instance: Instance) -> None:
        assert tls_context(instance).minimum_version is ssl.TLSVersion.TLSv1_2


class TestMail:
    """A letter as mail programs read it."""

    def test_it_says_by_whom_to_whom_and_that_a_machine_wrote_it(self, post: Post, sender: pager.Pager) -> None:
        sent = parcel("mail", post)
        sender._ports["mail"].send(sent)
        came = message_from_string(post.received("mail")[-1].raw, policy=default)
        assert came["To"] == "aliya@ulgi.example"
        assert came["From"] == "senim@ulgi.example"
        assert came["Auto-Submitted"] == "auto-generated"
        assert came["Subject"] == "Senim: Оқыс оқиға 2026-000001"

    def test_a_server_that_answers_a_byte_at_a_time_costs_a_bounded_time(
        self, instance: Instance, known: OncallSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail, "WITHIN", 1.0)
        assert known.mail
        with socket.create_server(("127.0.0.1", 0)) as slow:
            ended = threading.Event()
            thread = threading.Thread(target=_dribble, args=(slow, ended))
            thread.start()
            settings = msgspec.structs.replace(known.mail, port=slow.getsockname()[1])
            with pytest.raises(NotSent):
                mail.Smtp(settings, tls_context(instance), "").send(Parcel(uuid4(), "a@b.example", "text"))
            ended.set()
            thread.join()


def _dribble(server: socket.socket, ended: threading.Event) -> None:
    connection, _address = server.accept()
    with connection:
        while not ended.wait(0.05):
            try:
                connection.sendall(b"2")
            except OSError:
                return


class TestWebhook:
    """Signed over the bytes, with its moment inside."""

    def test_it_says_what_which_letter_and_when(self, post: Post, sender: pager.Pager) -> None:
        """The receiver, other code than ours, has recomputed the signature before it kept this."""
        sender._ports["webhook"].send(parcel("webhook", post))
        assert set(json.loads(post.received("webhook")[-1].raw)) == {"at", "id", "text", "version"}

    @pytest.mark.refusal
    def test_under_another_key_the_receiver_refuses_it(self, post: Post, sender: pager.Pager) -> None:
        sender._ports["webhook"]._key = b"another"  # type: ignore[attr-defined]
        with pytest.raises(NotSent, match="HTTP 401"):
            sender._ports["webhook"].send(parcel("webhook", post))

    @pytest.mark.refusal
    def test_an_old_one_is_refused(self, post: Post, sender: pager.Pager, monkeypatch: pytest.MonkeyPatch) -> None:
        from senim.oncall.ports import webhook

        for age, is_taken in ((timedelta(minutes=4), True), (timedelta(minutes=6), False)):
            monkeypatch.setattr(webhook, "now", lambda age=age: now() - age)
            if is_taken:
                sender._ports["webhook"].send(parcel("webhook", post))
            else:
                with pytest.raises(NotSent, match="HTTP 403"):
                    sender._ports["webhook"].send(parcel("webhook", post))

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("address", "is_there"),
        [
            ("https://chat.bureau.kz/x", True),
            ("https://hooks.bureau.kz:8443/x", True),
            ("http://chat.bureau.kz/x", False),
            ("https://chat.bureau.kz.evil.example/x", False),
            ("https://chat.bureau.kz@evil.example/x", False),
            ("https://hooks.bureau.kz/x", False),
            ("https:///x", False),
            ("", False),
        ],
    )
    def test_only_hosts_of_the_settings_are_posted_to(self, address: str, is_there: bool) -> None:
        assert is_allowed(address, ("chat.bureau.kz", "hooks.bureau.kz:8443")) is is_there


@pytest.mark.django_db
class TestFallingOver:
    """One way is down: the letter goes by the next one, at once; all are: it waits and is tried for ever."""

    @pytest.fixture
    def letter(self, first: Account, new_incident: NewIncident, post: Post) -> Letter:
        Contact.objects.filter(account=first).update(webhook=f"https://127.0.0.1:{post.ports['webhook']}/aliya")
        operations.wake_for_incident(new_incident(target="core-1"))
        return Letter.objects.get()

    def tries(self) -> list[tuple[str, str]]:
        return list(Attempt.objects.order_by("pk").values_list("port", "outcome"))

    def test_well_it_goes_by_the_first_way(self, letter: Letter, sender: pager.Pager, post: Post) -> None:
        assert pager.due() == [letter.pk]
        sender.deliver(letter.pk)
        letter.refresh_from_db()
        assert (letter.state, letter.sent_by, self.tries()) == ("sent", "sms", [("sms", "sent")])
        assert pager.due() == []
        came = post.received("sms")[-1]
        assert came.id == str(letter.pk)
        assert came.text.startswith("Senim: ")
        assert f"/kk/oncall/pages/{letter.pages.get().pk}/" in came.text
        assert AuditRow.objects.filter(action="oncall:page:sent").count() == 1

    @pytest.mark.usefixtures("letter")
    def test_each_way_that_is_down_costs_one_try_and_is_told(self, sender: pager.Pager, post: Post) -> None:
        post.behave("sms", Mode.DOWN)
        post.behave("webhook", Mode.ERROR)
        for _ in range(3):
            (due,) = pager.due()
            sender.deliver(due)
        assert self.tries() == [("sms", "failed"), ("webhook", "failed"), ("mail", "sent")]
        assert {broken.port for broken in queries.broken_ports(now())} == {"sms", "webhook"}
        assert queries.broken_ports(now() + queries.LATELY) == []
        post.behave("sms", Mode.WELL)

    def test_when_all_are_down_it_waits_longer_each_time_and_never_gives_up(
        self, letter: Letter, sender: pager.Pager, post: Post
    ) -> None:
        for way in WAYS:
            post.behave(way, Mode.DOWN)
        moment, pauses = now(), []
        for _ in range(5):
            for _way in WAYS:
                sender.deliver(letter.pk, now=moment)
            letter.refresh_from_db()
            pauses.append((letter.next_try_at - moment).total_seconds())
            moment = letter.next_try_at
        assert pauses == [5, 10, 20, 40, 60]
        for way in WAYS:
            post.behave(way, Mode.WELL)
        sender.deliver(letter.pk, now=moment - timedelta(microseconds=1))
        assert len(self.tries()) == 15
        sender.deliver(letter.pk, now=moment)
        assert self.tries()[-1] == ("sms", "sent")

    def test_killed_in_the_middle_it_is_sent_again_as_the_same_letter(
        self, letter: Letter, sender: pager.Pager, post: Post, instance: Instance
    ) -> None:
        begun = pager.begin(letter.pk, instance)
        assert begun is not None
        sender._ports["sms"].send(begun.parcel)  # and here the process ends
        assert pager.end_interrupted() == 1
        sender.deliver(letter.pk)
        assert self.tries() == [("sms", "interrupted"), ("sms", "sent")]
        assert [each.id for each in post.received("sms")].count(str(letter.pk)) == 1

    def test_the_words_are_the_same_at_every_try(self, letter: Letter, instance: Instance, first: Account) -> None:
        begun = pager.begin(letter.pk, instance)
        Account.objects.filter(pk=first.pk).update(language="en")
        again = pager.begin(letter.pk, instance)
        assert begun is not None
        assert again is not None
        assert replace(begun, attempt=again.attempt) == again

    def test_when_somebody_answered_first_it_is_not_sent(
        self, letter: Letter, sender: pager.Pager, first: Account
    ) -> None:
        operations.answer(first, letter.pages.get().cause)
        sender.deliver(letter.pk)
        letter.refresh_from_db()
        assert (letter.state, self.tries()) == ("needless", [])

    def test_whose_contact_is_gone_is_waited_for(self, letter: Letter, sender: pager.Pager) -> None:
        Contact.objects.all().delete()
        sender.deliver(letter.pk)
        letter.refresh_from_db()
        assert (letter.state, self.tries()) == ("waiting", [])
        assert letter.next_try_at > now()
