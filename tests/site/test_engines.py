"""Where the embedded engines live when root starts them: nothing root does by name can be turned elsewhere."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from senim.kit.files import StrangeFolder
from senim.kit.instance import Instance, Profile
from senim.site.embedded import place
from senim.site.embedded.binaries import nats_server, postgres_folder
from senim.site.embedded.nats import Nats, written
from senim.site.embedded.place import Runner, engine_home, folder_of, open_folder, runner
from senim.site.embedded.postgres import Postgres
from senim.site.founding import found
from tests.functional.house import wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: only root hands files over to somebody else")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance whose engines are ready to be started."""
    instance = found(tmp_path_factory.mktemp("engines") / "var", Profile.DEMONSTRATION, usual_ports=False)
    umask = os.umask(0o077)  # a careful administrator's shell
    try:
        Postgres(instance).prepare()
        Nats(instance).prepare()
        postgres_folder(instance)
        nats_server(instance)
    finally:
        os.umask(umask)
    yield instance
    place.forget(instance)


def _may_change(facts: os.stat_result, who: Runner) -> bool:
    return facts.st_uid == who.uid or bool(facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


@as_root
def test_the_engines_user_can_change_its_data_and_nothing_else(prepared: Instance) -> None:
    home = engine_home(prepared)
    data = {Postgres(prepared).data, Nats(prepared).data}
    for folder, names, files in os.walk(home):
        here = Path(folder)
        names[:] = [name for name in names if here / name not in data]
        for path in (here, *(here / name for name in files)):
            assert not _may_change(path.lstat(), runner()), path
    assert all(path.stat().st_uid == runner().uid for path in data)


@as_root
def test_the_engines_user_can_read_and_run_what_it_needs(prepared: Instance) -> None:
    def runs(*command: str) -> bool:
        output = subprocess.DEVNULL
        return subprocess.run(command, stdout=output, check=False, cwd="/", **runner().as_popen()).returncode == 0

    postgres, nats = Postgres(prepared), Nats(prepared)
    for path in (postgres.settings, postgres.access, nats.configuration):
        assert runs("cat", str(path))
        assert not path.stat().st_mode & stat.S_IRWXO  # every user's secret for the stream stands there
    for program in (postgres.command()[0], nats.command()[0]):
        assert runs(program, "--version")


@as_root
def test_a_link_planted_in_the_data_leads_nowhere(prepared: Instance, tmp_path: Path) -> None:
    """The engines' user owns its data: whatever it puts there, a next start as root follows none of it."""
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    victim.chmod(0o600)
    data = Postgres(prepared).data
    for name in ("postgresql.conf", "pg_hba.conf", "senim.conf", "PG_VERSION"):
        (data / name).unlink(missing_ok=True)
        (data / name).symlink_to(victim)
    (Nats(prepared).data / "nats.conf").symlink_to(victim)
    Postgres(prepared).prepare()
    Nats(prepared).prepare()
    assert victim.read_text() == "as it was"
    assert victim.stat().st_uid == 0
    assert stat.S_IMODE(victim.stat().st_mode) == 0o600


def test_a_link_in_a_folder_s_place_is_refused_and_what_it_points_to_is_left(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o750)
    (tmp_path / "link").symlink_to(victim)
    for make in (open_folder, lambda path: folder_of(runner(), path)):
        with pytest.raises(StrangeFolder):
            make(tmp_path / "link")
    assert stat.S_IMODE(victim.stat().st_mode) == 0o750
    assert victim.stat().st_uid == os.geteuid()


@as_root
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 65533, 65533)
    with pytest.raises(StrangeFolder):
        open_folder(tmp_path / "theirs")
    assert (tmp_path / "theirs").stat().st_uid == 65533


@pytest.mark.parametrize("name", ["store", "үй кілт", 'q"uote', "back\\slash", "$HOME {a} # b"])
def test_the_stream_server_finds_its_folder_whatever_its_name(prepared: Instance, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    settings = tmp_path / "nats.conf"
    settings.write_bytes(written({"host": "127.0.0.1", "port": -1, "jetstream": {"store_dir": str(folder)}}))
    with subprocess.Popen([str(nats_server(prepared)), "-c", str(settings)], stderr=subprocess.PIPE) as server:
        try:
            wait_until(lambda: server.poll() is not None or (folder / "jetstream").is_dir(), what="the store")
        finally:
            server.kill()
        assert server.stderr is not None
        assert (folder / "jetstream").is_dir(), server.stderr.read().decode()
