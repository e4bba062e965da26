"""A process says of itself that it works, in one row, and its standing still is seen."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from senim.kit.clock import now
from senim.pulse import operations
from senim.pulse.models import Beat
from senim.pulse.operations import EVERY, Pulse, say
from senim.pulse.queries import NAMES, SILENT_AFTER, Life, came_round, is_silent, processes
from senim.site.database.roles import ROLES
from senim.site.processes import PROGRAMS
from tests.processes import Processes, beat_at

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


def test_the_processes_are_those_of_the_house() -> None:
    assert {*NAMES, "console"} == {program.name for program in PROGRAMS if not program.is_bare}
    assert all(ROLES[name] == f"senim_{name}" for name in NAMES)


class TestBeating:
    """One row for each loop, written at a steady pace however fast the loop goes."""

    def test_it_beats_when_it_is_due(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = [100.0]
        monkeypatch.setattr(operations.time, "monotonic", lambda: clock[0])
        pulse, written = Pulse("worker"), []
        for moment in (100.0, 100.0 + EVERY - 0.001, 100.0 + EVERY, 100.0 + EVERY):
            clock[0] = moment
            written.append(pulse.is_due)
            pulse.beat()
        assert written == [True, False, True, False]

    def test_one_row_is_kept_however_often_it_beats(self) -> None:
        first = now()
        for moment in (first, first + timedelta(seconds=5)):
            say("collector", {"": moment, "sshd": moment})
        assert Beat.objects.count() == 2
        assert came_round("collector") == {"sshd": first + timedelta(seconds=5)}

    def test_a_beat_that_could_not_be_written_is_due_still(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object) -> None:
            raise psycopg.OperationalError("gone")

        pulse = Pulse("worker")
        monkeypatch.setattr(operations, "say", away)
        with pytest.raises(psycopg.OperationalError):
            pulse.beat()
        assert pulse.is_due

    def test_beats_cost_no_write_to_the_disk(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'pulse_beat'")
            assert cursor.fetchone() == ("u",)


class TestLife:
    """Absent, standing still, or at work."""

    @pytest.mark.parametrize(
        ("ago", "is_so"),
        [
            (SILENT_AFTER, False),
            (SILENT_AFTER + MOMENT, True),
            # The clock was set back: what beats on says so within five seconds, and what hangs does not.
            (-SILENT_AFTER, False),
            (-SILENT_AFTER - MOMENT, True),
        ],
    )
    def test_patience_ends_to_the_microsecond(self, ago: timedelta, *, is_so: bool) -> None:
        moment = now()
        assert is_silent(moment - ago, moment) is is_so

    def test_what_never_beat_is_silent(self) -> None:
        assert is_silent(None, now())

    @pytest.mark.usefixtures("processes")
    def test_a_process_that_beats_works(self) -> None:
        moment = now()
        beat_at(moment)
        assert {state.life for state in processes(moment).values()} == {Life.WORKS}
        assert {state.since for state in processes(moment).values()} == {None}

    @pytest.mark.usefixtures("processes")
    def test_one_that_is_connected_and_does_not_beat_stands_still_since_its_last_beat(self) -> None:
        moment = now()
        beat_at(moment - 2 * SILENT_AFTER, "sealer")
        state = processes(moment)["sealer"]
        assert (state.life, state.since) == (Life.STANDS_STILL, moment - 2 * SILENT_AFTER)
        assert (processes(moment)["worker"].life, processes(moment)["worker"].since) == (Life.STANDS_STILL, None)

    def test_one_that_is_not_connected_is_absent_however_lately_it_beat(self, processes: Processes) -> None:
        from senim.pulse import queries

        processes.end("asoi")
        moment = now()
        beat_at(moment)
        assert queries.processes(moment)["asoi"].life is Life.ABSENT


@pytest.mark.refusal
class TestWhoseBeat:
    """Nobody says of another that it works."""

    SAY = (
        "INSERT INTO pulse_beat (process, part, at) VALUES (%s, '', now())"
        " ON CONFLICT (process, part) DO UPDATE SET at = excluded.at"
    )

    @pytest.fixture
    def session(self, processes: Processes, name: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """A session of the process `name`, whatever it does rolled back."""
        with processes.session(name) as session:
            yield session
            session.rollback()

    @pytest.mark.parametrize("name", NAMES)
    def test_its_own_it_may(self, session: psycopg.Connection[tuple[object, ...]], name: str) -> None:
        for _ in range(2):
            session.execute(self.SAY, [name])

    @pytest.mark.parametrize("name", NAMES)
    def test_another_s_it_may_not(self, session: psycopg.Connection[tuple[object, ...]], name: str) -> None:
        another = next(other for other in NAMES if other != name)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="of itself alone"):
            session.execute(self.SAY, [another])

    @pytest.mark.parametrize("name", ["worker"])
    def test_a_beat_keeps_its_loop(self, session: psycopg.Connection[tuple[object, ...]], name: str) -> None:
        session.execute(self.SAY, [name])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="belongs to one loop"):
            session.execute("UPDATE pulse_beat SET part = 'x' WHERE process = %s", [name])

    @pytest.mark.parametrize("name", ["console", "operator"])
    def test_who_only_reads_writes_none(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        session.execute("SELECT at FROM pulse_beat")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            session.execute(self.SAY, ["worker"])
