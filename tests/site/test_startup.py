"""Production refuses by fact, and names every fact at once."""

from pathlib import Path

import pytest

from senim.kit.instance import Instance, Profile
from senim.site.founding import found
from senim.site.startup import Refused, raise_if_unfit


@pytest.fixture
def demonstration(tmp_path: Path) -> Instance:
    return found(tmp_path / "d", Profile.DEMONSTRATION)


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


def test_a_secret_that_others_may_read_stops_the_start(demonstration: Instance) -> None:
    demonstration.secrets_file("sealer").chmod(0o644)
    assert _named(demonstration) == {"secrets:unusable"}


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
