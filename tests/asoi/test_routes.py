"""By which way what goes: a bureau with state participation may send events and incidents through the National Bank."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from senim.asoi import adapters, checks, operations, queries
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.asoi.settings import asoi_settings
from senim.kit.bureau import bureau
from senim.kit.ids import new_id
from senim.kit.instance import BadSettings, Instance
from tests.asoi.conftest import BODY, TESTER
from tests.asoi.copies import copy_of
from tests.asoi.regulator import Regulator
from tests.kit.certificates import Identity

STATE = pytest.mark.clause("R228/81/state-participation")
pytestmark = [STATE, pytest.mark.clause("R228/81-1/state-participation")]
Send = Callable[[MessageKind], Message]


@pytest.fixture
def bank(instance: Instance) -> Regulator:
    """The National Bank's object, which passes on what it gets and brings back the regulator's receipt."""
    return Regulator(instance)


@pytest.fixture
def by_bank(instance: Instance, regulator: Regulator, bank: Regulator) -> Channel:
    return Channel(Credentials.load(instance), regulator, asoi_settings(instance), bureau(instance), bank)


@pytest.fixture
def send(db: None, by_bank: Channel) -> Send:
    """Tell something of this kind, and try once to deliver it."""

    def one(kind: MessageKind) -> Message:
        with transaction.atomic():
            message = operations.enqueue(kind, BODY, about=f"test:{new_id()}", sequence=1, actor=TESTER)
        by_bank.seal(message)
        by_bank.deliver(message.pk)
        return queries.message(message.pk)

    return one


@pytest.mark.clause("R228/81-2/state-participation")
@pytest.mark.parametrize(
    "kind", [MessageKind.INCIDENT_NOTICE, MessageKind.INCIDENT_UPDATE, MessageKind.EVENT_BATCH], ids=str
)
def test_events_and_incidents_go_through_the_bank_sealed_for_the_regulator(
    send: Send, bank: Regulator, regulator: Regulator, kind: MessageKind
) -> None:
    message = send(kind)
    assert message.state == Message.State.DELIVERED
    assert bank.received == [(message.pk, bytes(message.sealed or b""))]
    assert regulator.received == []


@pytest.mark.refusal
@pytest.mark.clause("R228/79")
def test_the_yearly_information_never_does(send: Send, bank: Regulator, regulator: Regulator) -> None:
    message = send(MessageKind.ANNUAL_REPORT)
    assert message.state == Message.State.DELIVERED
    assert [identifier for identifier, _sealed in regulator.received] == [message.pk]
    assert bank.received == []


@pytest.mark.refusal
def test_a_receipt_of_the_bank_is_none_of_the_regulator(send: Send, bank: Regulator) -> None:
    stranger = Identity(ec.generate_private_key(ec.SECP256R1()), "signing")
    bank.signs_with = (stranger.key, stranger.certificate)
    message = send(MessageKind.INCIDENT_NOTICE)
    assert message.state == Message.State.SEALED
    assert [each.outcome for each in message.attempts.all()] == ["receipt-refused"]


@pytest.mark.refusal
def test_where_the_bank_is_away_nothing_goes_another_way_by_itself(
    send: Send, bank: Regulator, regulator: Regulator
) -> None:
    bank.fails_with = adapters.Unreachable("nobody there")
    message = send(MessageKind.INCIDENT_NOTICE)
    assert message.state == Message.State.SEALED
    assert regulator.received == []


class TestSettings:
    """A leave that only such a bureau has, and only over TLS."""

    @pytest.fixture
    def copy(self, instance: Instance, tmp_path: Path) -> Path:
        return copy_of(instance, tmp_path).home

    def found(self, home: Path, *, participates: str, url: str, route: str = "national-bank") -> list[str]:
        path = home / "senim.toml"
        said = path.read_text().replace("[asoi]\n", f'[asoi]\nroute = "{route}"\n')
        said = said.replace("[bureau]\n", f"[bureau]\nstate_participation = {participates}\n")
        path.write_text(f'{said}\n[asoi.national_bank]\nurl = "{url}"\n')
        return [finding.name for finding in checks.findings(Instance.load(home))]

    def test_with_state_participation(self, copy: Path) -> None:
        assert self.found(copy, participates="true", url="https://nb.example/messages") == []
        assert Channel.of(Instance.load(copy)).national_bank is not None

    @pytest.mark.refusal
    def test_without(self, copy: Path) -> None:
        assert self.found(copy, participates="false", url="https://nb.example/messages") == ["asoi:route"]

    @pytest.mark.refusal
    @pytest.mark.parametrize("url", ["", "http://nb.example/messages"])
    def test_without_tls(self, copy: Path, url: str) -> None:
        assert self.found(copy, participates="true", url=url) == ["asoi:national-bank-address"]

    def test_directly_nothing_of_it_is_asked(self, copy: Path) -> None:
        assert self.found(copy, participates="false", url="", route="direct") == []
        assert Channel.of(Instance.load(copy)).national_bank is None

    @pytest.mark.refusal
    def test_a_route_that_nobody_knows(self, copy: Path) -> None:
        assert self.found(copy, participates="true", url="https://nb.example", route="by-pigeon") == [
            "asoi:address-not-checked"
        ]
        with pytest.raises(BadSettings):
            Channel.of(Instance.load(copy))
