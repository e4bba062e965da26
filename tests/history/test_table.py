"""The table of events: what it holds is what was committed, whole, whatever happens to the machine."""

from pathlib import Path

import pytest
from deltalake.exceptions import DeltaError

from senim.history.internal import durable
from senim.history.internal.table import TABLE, Reading, Table
from senim.history.spans import Spans
from tests.history.writing import MORNING, frame, rows, written

pytestmark = pytest.mark.clause("R228/81-2")
EPOCH = ("sshd", "e1")


def held(folder: Path) -> dict[tuple[str, str], Spans]:
    return Reading(folder).census().held


def texts(folder: Path) -> list[str]:
    return [
        text
        for batch in Reading(folder).ask("SELECT text FROM events ORDER BY seq")
        for text in batch["text"].to_pylist()
    ]


def test_what_is_committed_is_held_by_this_writer_the_next_and_every_reader(tmp_path: Path) -> None:
    table = written(tmp_path, frame(1, ["one", "two"]), frame(3, ["three"]), frame(1, ["other"], epoch="e2"))
    expected = {EPOCH: Spans([(1, 3)]), ("sshd", "e2"): Spans([(1, 1)])}
    assert table.held == held(tmp_path) == Table(tmp_path).held == expected


def test_holes_are_seen_also_where_files_were_put_together(tmp_path: Path) -> None:
    table = written(tmp_path, *(frame(number, ["a line"]) for number in range(1, 120, 2)))
    table.append(rows(frame(200, ["a", "b"]), frame(300, ["c"])))
    expected = Spans([(number, number) for number in range(1, 120, 2)] + [(200, 201), (300, 300)])
    assert held(tmp_path)[EPOCH] == expected
    assert table.put_together()
    assert not table.put_together()
    assert len(Reading(tmp_path).parts()) < 5
    assert held(tmp_path)[EPOCH] == Table(tmp_path).held[EPOCH] == expected


def test_tidying_takes_nothing_away(tmp_path: Path) -> None:
    table = written(tmp_path, *(frame(number, [f"line {number}"]) for number in range(1, 60)))
    table.put_together()
    table.tidy()
    table.append(rows(frame(60, ["line 60"])))
    assert texts(tmp_path) == [f"line {number}" for number in range(1, 61)]
    assert Table(tmp_path).held[EPOCH] == Spans([(1, 60)])


def test_the_log_of_the_table_tells_nothing_of_what_events_say(tmp_path: Path) -> None:
    said = "Failed password for aigerim from 192.0.2.7 port 50122 ssh2"
    written(tmp_path, frame(1, [said]))
    log = b"".join(path.read_bytes() for path in (tmp_path / TABLE / durable.LOG).iterdir())
    assert b"aigerim" not in log
    assert b"192.0.2.7" not in log
    assert texts(tmp_path) == [said]


def test_a_second_writer_conflicts_instead_of_doubling_lines(tmp_path: Path) -> None:
    first = written(tmp_path, frame(1, ["one"]))
    second = Table(tmp_path)
    first.append(rows(frame(2, ["two"])))
    with pytest.raises(DeltaError):
        second.append(rows(frame(2, ["two"])))
    assert texts(tmp_path) == ["one", "two"]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _newest_data(folder: Path) -> Path:
    return max((folder / TABLE).rglob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)


@pytest.mark.parametrize("what", ["data", "data-gone", "log", "log-empty", "nothing"])
def test_after_a_power_cut_the_log_ends_with_its_last_whole_commit(tmp_path: Path, what: str) -> None:
    table = written(tmp_path, frame(1, ["one"]))
    version = durable.marked(tmp_path)
    table.append(rows(frame(2, ["two"])))
    entry = durable.entry(tmp_path / TABLE, version + 1)
    durable.mark(tmp_path, version)  # the power went before the second was known to be on disk
    match what:
        case "data":
            _cut(_newest_data(tmp_path))
        case "data-gone":
            _newest_data(tmp_path).unlink()
        case "log":
            _cut(entry)
        case "log-empty":
            entry.write_bytes(b"")
    kept = Table(tmp_path)
    expected = Spans([(1, 2)] if what == "nothing" else [(1, 1)])
    assert kept.held[EPOCH] == expected
    kept.append([row for row in rows(frame(2, ["two"], at=MORNING)) if row.seq not in expected])
    assert texts(tmp_path) == ["one", "two"]


def test_a_checkpoint_that_nobody_knows_to_be_whole_is_not_needed(tmp_path: Path) -> None:
    table = written(tmp_path, frame(1, ["one"]))
    table.tidy()
    (checkpoint,) = (tmp_path / TABLE / durable.LOG).glob("*.checkpoint.parquet")
    _cut(checkpoint)
    durable.mark(tmp_path, int(checkpoint.name.partition(".")[0]) - 1)
    assert Table(tmp_path).held[EPOCH] == Spans([(1, 1)])
    assert texts(tmp_path) == ["one"]
