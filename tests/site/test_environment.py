"""What a process finds in its environment: where it is and who it is, and nobody's secret."""

import pytest

from senim.kit.instance import BadSettings, Instance
from senim.site.database.connections import server
from senim.site.supervisor.house import environment


def test_the_administrator_s_password_stays_with_the_supervisor(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENIM_DATABASE_URL", "postgresql://boss:s3cret@db.example:6432/senim?sslmode=verify-full")
    told = environment(instance, "console")
    assert told["SENIM_DATABASE_URL"] == "postgresql://db.example:6432/senim?sslmode=verify-full"
    assert "s3cret" not in str(told)
    assert "boss" not in str(told)


def test_a_process_is_told_who_it_is_and_no_secret(instance: Instance) -> None:
    told = environment(instance, "asoi")
    assert told["SENIM_PROCESS"] == "asoi"
    files = (instance.home / "secrets").glob("*.toml")
    secrets = [line.split('"')[1] for path in files for line in path.read_text().splitlines() if " = " in line]
    assert secrets
    assert not [secret for secret in secrets if len(secret) > 20 and secret in str(told)]


@pytest.mark.parametrize(
    "url", ["mysql://a@b/c", "postgresql://a,b/senim", "postgresql:///senim", "postgresql://host", "nonsense"]
)
def test_an_address_that_names_no_database_is_refused(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SENIM_DATABASE_URL", url)
    with pytest.raises(BadSettings, match="postgresql://user:password@host:port/database"):
        server(instance)
