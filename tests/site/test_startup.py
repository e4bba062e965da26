"""Production refuses by fact, and names every fact at once."""

import os
from pathlib import Path

import pytest

from senim.kit.instance import Instance, Profile
from senim.site.founding import found
from senim.site.startup import Refused, raise_if_unfit
from tests.founded import founded


@pytest.fixture
def demonstration(tmp_path: Path) -> Instance:
    return founded(tmp_path / "d", usual_ports=True)


def _named(instance: Instance) -> set[str]:
    with pytest.raises(Refused) as refusal:
        raise_if_unfit(instance)
    return {finding.name for finding in refusal.value.findings}


def _as_production(instance: Instance) -> Instance:
    settings = instance.home / "senim.toml"
    settings.write_text(settings.read_text().replace('profile = "demonstration"', ""))
    return Instance.load(instance.home)


def test_a_demonstration_starts(demonstration: Instance) -> None:
    raise_if_unfit(demonstration)


def test_the_same_folder_does_not_start_as_production(demonstration: Instance) -> None:
    assert "certificates:demonstration" in _named(_as_production(demonstration))


def test_every_demonstration_certificate_is_named(demonstration: Instance) -> None:
    with pytest.raises(Refused) as refusal:
        raise_if_unfit(_as_production(demonstration))
    told = str(refusal.value)
    for place in (
        "console/door-tls.crt",
        "asoi/client-tls.crt",
        "asoi/message-signing.crt",
        "trust/ca.crt",
        "regulator/signing.crt",
    ):
        assert place in told


def test_a_fresh_production_instance_names_all_that_is_missing(tmp_path: Path) -> None:
    named = _named(found(tmp_path / "p", Profile.PRODUCTION))
    assert {"certificates:missing", "settings:bin", "settings:name", "settings:names"} <= named


_PLACES = ("trust/ca.crt", "keys/console/door-tls.crt", "trust/regulator/signing.crt")


def test_a_certificate_file_without_a_certificate_is_named(tmp_path: Path) -> None:
    instance = found(tmp_path / "p", Profile.PRODUCTION)
    for name in ("ca", "regulator/signing"):
        instance.trust(name).write_text("not a certificate\n")
    instance.certificate("console", "door-tls").write_text(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    )
    with pytest.raises(Refused) as refusal:
        raise_if_unfit(instance)
    findings = refusal.value.findings
    named = {(finding.name, place) for finding in findings for place in _PLACES if place in str(finding.reason)}
    assert named >= {
        ("certificates:broken", "trust/ca.crt"),
        ("certificates:broken", "keys/console/door-tls.crt"),
        ("asoi:certificate-missing", "trust/regulator/signing.crt"),
    }


@pytest.mark.parametrize(
    ("options", "is_named"), [("", True), ("?sslmode=require", True), ("?sslmode=verify-full", False)]
)
def test_production_speaks_with_no_database_server_that_does_not_prove_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str, is_named: bool
) -> None:
    instance = found(tmp_path / "p", Profile.PRODUCTION)
    monkeypatch.setenv("SENIM_DATABASE_URL", f"postgresql://boss:s3cret@db.example/senim{options}")
    assert ("database:unproven" in _named(instance)) is is_named


def test_production_does_not_run_as_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = found(tmp_path / "p", Profile.PRODUCTION)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "process:root" in _named(instance)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "process:root" not in _named(instance)


class TestClosed:
    """Whatever is secret or believed is ours, closed, and lies there itself: all that is not is told at once."""

    SECRET = (
        *("", "keys", "keys/console", "keys/console/door-tls.key", "keys/asoi/client-tls.key"),
        *("keys/sealer/checkpoint.key", "secrets", "secrets/sealer.toml", "secrets/supervisor"),
    )
    BELIEVED = ("keys/console/door-tls.crt", "trust", "trust/ca.crt", "trust/regulator", "trust/regulator/signing.crt")

    @staticmethod
    def _open(instance: Instance) -> list[str]:
        with pytest.raises(Refused) as refusal:
            raise_if_unfit(instance)
        return [str(found.reason) for found in refusal.value.findings if found.name == "files:open"]

    @pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
    @pytest.mark.parametrize("place", SECRET)
    def test_a_secret_open_to_others_stops_the_start(self, demonstration: Instance, place: str, bit: int) -> None:
        path = demonstration.home / place
        path.chmod(path.stat().st_mode | bit)
        (told,) = self._open(demonstration)
        assert str(path) in told

    @pytest.mark.parametrize("place", BELIEVED)
    def test_what_is_believed_may_be_read_and_not_changed(self, demonstration: Instance, place: str) -> None:
        path = demonstration.home / place
        path.chmod(path.stat().st_mode | 0o055)
        raise_if_unfit(demonstration)
        path.chmod(path.stat().st_mode | 0o020)
        (told,) = self._open(demonstration)
        assert str(path) in told

    @pytest.mark.parametrize("place", ["keys", "keys/asoi/client-tls.key", "secrets", "secrets/sealer.toml", "trust"])
    def test_a_link_is_not_the_thing_itself(self, demonstration: Instance, tmp_path: Path, place: str) -> None:
        path = demonstration.home / place
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
        assert [told for told in self._open(demonstration) if f"{path} " in told]

    def test_nor_is_a_link_to_the_home(self, demonstration: Instance, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(demonstration.home)
        assert self._open(Instance.load(tmp_path / "link"))

    def test_what_belongs_to_somebody_else_is_not_ours(
        self, demonstration: Instance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        us = demonstration.home.stat().st_uid
        monkeypatch.setattr("os.geteuid", lambda: us + 1)
        told = self._open(demonstration)
        assert [text for text in told if "door-tls.key" in text and f"uid {us}" in text]

    def test_all_of_them_are_named_at_once(self, demonstration: Instance) -> None:
        paths = [demonstration.home / place for place in self.SECRET]
        for path in paths:
            path.chmod(path.stat().st_mode | 0o004)
        assert len(self._open(demonstration)) == len(paths)

    def test_a_process_that_starts_again_is_not_stopped_by_another_s_key(self, demonstration: Instance) -> None:
        demonstration.key("sealer", "checkpoint").chmod(0o644)
        raise_if_unfit(demonstration, ["worker"])
        with pytest.raises(Refused):
            raise_if_unfit(demonstration, ["sealer"])

    @pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
    def test_whatever_the_umask_what_is_founded_starts(self, tmp_path: Path, umask: int) -> None:
        before = os.umask(umask)
        try:
            raise_if_unfit(found(tmp_path / "d", Profile.DEMONSTRATION))
        finally:
            os.umask(before)


def test_a_short_secret_stops_the_start(demonstration: Instance) -> None:
    path = demonstration.secrets_file("sealer")
    path.write_text('[database]\nrole = "senim_sealer"\npassword = "changeme"\n')
    assert _named(demonstration) == {"secrets:weak"}


def test_two_processes_never_share_a_secret(demonstration: Instance) -> None:
    text = demonstration.secrets_file("worker").read_text()
    demonstration.secrets_file("sealer").write_text(text.replace("senim_worker", "senim_sealer"))
    assert _named(demonstration) == {"secrets:shared"}


def test_a_missing_secrets_file_stops_the_start(demonstration: Instance) -> None:
    demonstration.secrets_file("asoi").unlink()
    assert _named(demonstration) == {"secrets:unusable"}


def test_a_table_nobody_reads_is_named(demonstration: Instance) -> None:
    settings = demonstration.home / "senim.toml"
    settings.write_text(settings.read_text() + "\n[steream]\nport = 1\n")
    assert _named(Instance.load(demonstration.home)) == {"settings:unknown-table"}
