"""Making commits of the Delta table outlive a power cut.

`deltalake` writes files and renames its log entries into place but never calls fsync. So after each commit we sync what
the commit names: data files, their folders, the log entry, its folder; then the number of the commit is written down
(`durable.json`). Frames are acknowledged only after that.

What lies behind the number written down may be whole (we were killed) or not (the power went). At the start it is
looked at, and the log is cut back to its last whole entry. Nothing is lost by it: the frames of whatever is cut off
were never acknowledged and come again.
"""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec

from senim.kit.files import write_private
from senim.kit.unreadable import UNREADABLE

LOG = "_delta_log"
_MARK = "durable.json"
_LAST_CHECKPOINT = "_last_checkpoint"
_PARQUET = b"PAR1"

log = logging.getLogger(__name__)


class _Added(msgspec.Struct):
    path: str
    size: int


class _Action(msgspec.Struct):
    add: _Added | None = None


class _Mark(msgspec.Struct):
    version: int


def entry(table: Path, version: int) -> Path:
    """The log entry of commit `version`."""
    return table / LOG / f"{version:020d}.json"


def settle(table: Path, state: Path, since: int, until: int) -> None:
    """Bring the commits behind `since` up to `until` to disk for good, and write down that they are.

    Raises `OSError` where the disk does not take them.
    """
    folders = {table, table / LOG}
    for version in range(since + 1, until + 1):
        for added in _added(entry(table, version)):
            data = table / unquote(added.path)
            _sync(data)
            folders |= {folder for folder in data.parents if folder.is_relative_to(table)}
        _sync(entry(table, version))
    for folder in sorted(folders):
        _sync(folder)
    mark(state, until)


def mark(state: Path, version: int) -> None:
    """Write down that everything up to commit `version` is on disk."""
    write_private(state / _MARK, msgspec.json.encode(_Mark(version)))


def marked(state: Path) -> int:
    """The newest commit known to be on disk; -1 where none is."""
    try:
        return msgspec.json.decode((state / _MARK).read_bytes(), type=_Mark).version
    except FileNotFoundError:
        return -1


def sync_checkpoint(table: Path, version: int) -> None:
    """Bring the checkpoint of commit `version`, and the note that names it, to disk."""
    for path in _checkpoints(table):
        if _version_of(path) == version:
            _sync(path)
    _sync(table / LOG / _LAST_CHECKPOINT)
    _sync(table / LOG)


def cut_back(table: Path, state: Path) -> None:
    """Remove what a power cut left half done behind the commits that are known to be on disk."""
    if not (table / LOG).is_dir():
        return
    known = marked(state)
    entries = sorted(path for path in (table / LOG).glob("*.json") if path.stem.isdigit() and int(path.stem) > known)
    whole = 0
    while whole < len(entries) and _is_whole(table, entries[whole]):
        whole += 1
    for path in reversed(entries[whole:]):
        log.warning("commit %d of the history was cut short: its frames come again", int(path.stem))
        path.unlink()
    _forget_checkpoints(table, known)
    _sync(table / LOG)


def _forget_checkpoints(table: Path, known: int) -> None:
    """Checkpoints only save reading the log from its begin: one that nobody knows to be whole is not needed."""
    for path in _checkpoints(table):
        if _version_of(path) > known:
            path.unlink()
    note = table / LOG / _LAST_CHECKPOINT
    try:
        named = int(json.loads(note.read_bytes())["version"])
    except FileNotFoundError:
        return
    except (ValueError, TypeError, KeyError):
        named = known + 1
    if named > known:
        note.unlink()


def _checkpoints(table: Path) -> Iterator[Path]:
    yield from (table / LOG).glob("*.checkpoint*.parquet")


def _version_of(checkpoint: Path) -> int:
    return int(checkpoint.name.partition(".")[0])


def _is_whole(table: Path, path: Path) -> bool:
    try:
        return all(_is_parquet(table / unquote(added.path), added.size) for added in _added(path))
    except (OSError, *UNREADABLE):
        return False


def _added(path: Path) -> list[_Added]:
    """The data files that a log entry adds. Raises `UNREADABLE` for one that is not whole."""
    lines = path.read_bytes().splitlines()
    if not lines:
        raise msgspec.DecodeError("an empty log entry")
    actions = [msgspec.json.decode(line, type=_Action) for line in lines]
    return [action.add for action in actions if action.add is not None]


def _is_parquet(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size != size:
            return False
        begin = file.read(len(_PARQUET))
        file.seek(-len(_PARQUET), os.SEEK_END)
        return begin == file.read() == _PARQUET


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
