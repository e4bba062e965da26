"""The door is tried by handshakes: a weak one is found weak, a strong one strong."""

import ssl
from socket import create_server

import pytest

from senim.asoi.terms import LOWEST_TLS
from senim.doctor import door
from senim.doctor.door import Answer
from senim.doctor.house import Door
from senim.kit.checks import Fault
from senim.kit.instance import Instance
from tests.doctor.listener import TLS, listening

OLD = [version for version in door.VERSIONS if version < LOWEST_TLS]


def test_the_law_s_figure_divides_the_versions() -> None:
    assert [TLS.TLSv1, TLS.TLSv1_1] == OLD


@pytest.mark.parametrize("version", OLD)
def test_what_is_sent_truly_offers_the_old_version(version: ssl.TLSVersion) -> None:
    hello = door._hello("localhost", version)
    assert hello[0] == 22
    assert hello[9:11] == int(version).to_bytes(2, "big")
    assert b"localhost" in hello


def faults(at: Door) -> list[Fault]:
    return list(door.faults(at))


@pytest.mark.clause("R228/81-13")
class TestVersions:
    """Exactly what the law forbids is minded."""

    def test_a_door_from_the_law_s_version_on_is_well(self, instance: Instance) -> None:
        with listening(instance, TLS.TLSv1_2, TLS.TLSv1_3) as strong:
            assert faults(strong) == []
            assert [door.offer(strong, version) for version in OLD] == [Answer.REFUSED] * 2

    @pytest.mark.refusal
    @pytest.mark.parametrize(("lowest", "told"), [(TLS.TLSv1, ["TLS 1.0", "TLS 1.1"]), (TLS.TLSv1_1, ["TLS 1.1"])])
    def test_a_weak_door_is_found_weak(self, instance: Instance, lowest: ssl.TLSVersion, told: list[str]) -> None:
        with listening(instance, lowest, TLS.TLSv1_3) as weak:
            found = faults(weak)
        assert all(fault.is_known for fault in found)
        assert len(found) == len(told)
        for fault, version in zip(found, told, strict=True):
            assert version in str(fault.what)

    def test_a_door_that_does_not_take_a_new_version_keeps_its_visitors_out(self, instance: Instance) -> None:
        with listening(instance, TLS.TLSv1_2, TLS.TLSv1_2) as narrow:
            (fault,) = faults(narrow)
        assert fault.is_known
        assert "TLS 1.3" in str(fault.what)


def test_a_door_that_proves_to_be_nobody_is_not_well(instance: Instance) -> None:
    with listening(instance, TLS.TLSv1_2, TLS.TLSv1_3) as strong:
        found = faults(Door(strong.host, strong.port, "elsewhere.example", strong.authority))
    assert len(found) == 2
    assert all("CERTIFICATE_VERIFY_FAILED" in str(fault.what) for fault in found)


def test_of_a_door_that_does_not_answer_nothing_is_known(instance: Instance) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (fault,) = faults(Door("127.0.0.1", port, "localhost", instance.trust("ca")))
    assert not fault.is_known
    assert "Connection refused" in str(fault.what)


def test_a_door_that_says_nothing_is_not_called_strong(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "ANSWERS_WITHIN", 0.2)
    with create_server(("127.0.0.1", 0)) as silent:
        (fault,) = faults(Door("127.0.0.1", silent.getsockname()[1], "localhost", instance.trust("ca")))
    assert not fault.is_known
