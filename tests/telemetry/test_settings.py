"""Which sources may be configured, and which folders that opens to the collector."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from senim.kit.instance import ID_FILE, BadSettings, Instance
from senim.site.processes import PROGRAMS
from senim.telemetry.settings import machine_name, telemetry_settings, watched_folders

pytestmark = pytest.mark.usefixtures("in_english")
SOURCE = {"name": "gate-1", "kind": "file", "path": "/var/log/gate/auth.log", "reads": "sshd"}


@pytest.fixture
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def home(tmp_path: Path, *sources: dict[str, object]) -> Instance:
    lines = ['profile = "demonstration"']
    for source in sources:
        lines += ["[[telemetry.sources]]", *(f"{name} = {value!r}" for name, value in source.items())]
    (tmp_path / "senim.toml").write_text("\n".join(lines))
    return Instance.load(tmp_path)


def test_host_and_zone_are_filled_in(tmp_path: Path) -> None:
    source = telemetry_settings(home(tmp_path, SOURCE)).sources[0]
    assert (source.host, bool(source.zone), source.begin) == (machine_name(), True, "beginning")


def test_nothing_configured_is_nothing_to_follow(tmp_path: Path) -> None:
    assert telemetry_settings(home(tmp_path)).sources == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": "Gate"}, "a-z"),
        ({"name": "-gate"}, "a-z"),
        ({"name": "a.b"}, "a-z"),
        ({"name": "a>"}, "a-z"),
        ({"name": "x" * 33}, "a-z"),
        ({"name": ""}, "a-z"),
        ({"name": "platform"}, "taken"),
        ({"path": "auth.log"}, "not absolute"),
        ({"zone": "Asia/Nowhere"}, "time zone"),
        ({"zone": "Asia"}, "time zone"),
        ({"reads": "tealeaves"}, "reads = 'tealeaves'; known are auditd, .*, sshd"),
        ({"reads": "platform"}, "reads = 'platform'; known are auditd, .*, sshd"),
        ({"kind": "pipe"}, "telemetry"),
        ({"begin": "middle"}, "telemetry"),
        ({"colour": "red"}, "colour"),
    ],
)
@pytest.mark.refusal
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, wrong: dict[str, object], reason: str) -> None:
    telemetry_settings(home(tmp_path, SOURCE))
    with pytest.raises(BadSettings, match=reason):
        telemetry_settings(home(tmp_path, {**SOURCE, **wrong}))


@pytest.mark.refusal
def test_a_name_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="taken"):
        telemetry_settings(home(tmp_path, SOURCE, SOURCE))


class TestFolders:
    """The collector may read the folders of its files and no secret."""

    def test_a_link_opens_both_folders(self, tmp_path: Path) -> None:
        (tmp_path / "var").mkdir()
        (tmp_path / "real").mkdir()
        (tmp_path / "links").mkdir()
        (tmp_path / "links" / "auth.log").symlink_to(tmp_path / "real" / "auth.log")
        instance = home(tmp_path / "var", {**SOURCE, "path": str(tmp_path / "links" / "auth.log")})
        assert watched_folders(instance) == [tmp_path / "links", tmp_path / "real"]

    @pytest.mark.refusal
    @pytest.mark.parametrize("place", ["auth.log", "secrets/auth.log", "keys/asoi/auth.log", "../auth.log"])
    def test_a_folder_with_secrets_is_refused(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "var").mkdir()
        instance = home(tmp_path / "var", {**SOURCE, "path": str((tmp_path / "var" / place).absolute())})
        with pytest.raises(BadSettings, match="secrets"):
            watched_folders(instance)

    @pytest.mark.refusal
    @pytest.mark.parametrize("place", ["var/secrets", "var/keys/asoi", "var", "."])
    def test_so_it_is_where_the_home_is_reached_through_a_link(self, tmp_path: Path, place: str) -> None:
        disk = tmp_path / "disk"
        (disk / "var").mkdir(parents=True)
        (tmp_path / "link").symlink_to(disk)
        instance = home(tmp_path / "link" / "var", {**SOURCE, "path": str(disk / "log" / "auth.log")})
        assert watched_folders(instance) == [disk / "log"]
        instance = home(tmp_path / "link" / "var", {**SOURCE, "path": str(disk / place / "auth.log")})
        with pytest.raises(BadSettings, match="secrets"):
            watched_folders(instance)

    def test_only_the_collector_may_read_them(self, tmp_path: Path) -> None:
        (tmp_path / "log").mkdir()
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / ID_FILE).write_text("0123456789ab")
        instance = home(tmp_path / "var", {**SOURCE, "path": str(tmp_path / "log" / "auth.log")})
        may = [program.name for program in PROGRAMS if tmp_path / "log" in program.readable(instance)]
        assert may == ["collector"]


_LATIN = re.compile(r"[A-Za-z]+")


@pytest.mark.refusal
@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    "wrong",
    [{"name": "Gate"}, {"name": "platform"}, {"path": "auth.log"}, {"zone": "Asia/Nowhere"}, {"colour": "red"}],
)
def test_what_is_wrong_is_said_in_the_reader_s_language(
    tmp_path: Path, wrong: dict[str, object], language: str
) -> None:
    with pytest.raises(BadSettings) as refusal:
        telemetry_settings(home(tmp_path, {**SOURCE, **wrong}))
    given = {"telemetry", "name", "path", "zone", "a", "z", "IANA", "gate", "sources", "senim", "toml"}
    given |= set(_LATIN.findall(f"{wrong} {tmp_path}"))
    with translation.override(language):
        assert set(_LATIN.findall(str(refusal.value.detail))) <= given
