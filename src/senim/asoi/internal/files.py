"""What the channel does with files: writes what is to be carried, takes it away again, takes in receipts.

Clauses: R228/81 (or in electronic format). A file is written before the database says so and bears the message's name
and bytes: killed in between, the next round writes the same file again.
"""

import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from senim.asoi import operations, queries
from senim.asoi.electronic_format import SUFFIX, file_of, incoming, outgoing
from senim.asoi.errors import AsoiProblem
from senim.asoi.internal import outbox
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.handed_in import take_receipt
from senim.asoi.internal.receipts import LARGEST
from senim.kit.clock import now
from senim.kit.files import PRIVATE_FILE, private_folder, write_private
from senim.kit.instance import Instance

log = logging.getLogger(__name__)
ROUND_SECONDS = 1.0
SETTLED = 2.0
"""Seconds that a file in `incoming` must have been left alone."""


class Files:
    """The folders of the electronic format, looked after once a second."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._looked = -ROUND_SECONDS
        self._seen: set[tuple[str, int, int]] = set()
        """Files of `incoming` that were judged and could not be moved: not judged again and again."""
        for folder in (outgoing(instance), *kept_folders(instance)):
            private_folder(folder)

    def work(self, credentials: Credentials) -> None:
        """One round, unless the last one was just now. What the disk refuses is said and tried in the next round."""
        if time.monotonic() - self._looked < ROUND_SECONDS:
            return
        self._looked = time.monotonic()
        # Each by itself: a disk without room for what goes out keeps no receipt from being taken in.
        for part in (self.hand_over, self.tidy, lambda: self.take_in(credentials)):
            try:
                part()
            except OSError as error:
                log.warning("files of the electronic format: %s", error)

    def hand_over(self) -> None:
        """Write what is due as files. Raises `OSError`: then nothing counts as exported that is not on disk."""
        for message in queries.to_hand_over(now()):
            # R228/81: the very bytes that are sent. Exported is not delivered: a receipt alone makes it so.
            write_private(file_of(self._instance, message.pk), bytes(message.sealed or b""))
            operations.export(message.pk, actor=outbox.SENDER)
            log.warning("%s waits as a file for somebody to carry it", message.subject)

    def tidy(self) -> None:
        """Let exactly what is to be carried lie there: take away what has its receipt, write anew what is missing."""
        wanted = {pk: file_of(self._instance, pk) for pk in queries.as_files().values_list("pk", flat=True)}
        # Whatever else lies there goes, drafts too that somebody who was killed left half written.
        there = {path for path in outgoing(self._instance).iterdir() if not path.is_dir() or path.is_symlink()}
        for path in there - set(wanted.values()):
            path.unlink(missing_ok=True)
        for pk, path in wanted.items():
            if path not in there:
                write_private(path, queries.sealed_bytes(pk))

    def take_in(self, credentials: Credentials) -> None:
        """Judge each receipt that came as a file, and move it to where it belongs. Raises `OSError`."""
        for path, mark in _settled(incoming(self._instance)):
            if mark not in self._seen:
                self._seen.add(mark)
                self._judge(path, credentials)
                self._seen.discard(mark)

    def _judge(self, path: Path, credentials: Credentials) -> None:
        accepted, refused = kept_folders(self._instance)
        try:
            take_receipt(_read(path), credentials, subject=f"file:{path.name}")
        except AsoiProblem as refusal:
            log.warning("receipt in %s not accepted: %s", path.name, refusal.code)
            _put_away(path, free(refused / path.name))
        else:
            _put_away(path, free(accepted / path.name))


def kept_folders(instance: Instance) -> tuple[Path, Path]:
    """Where receipts that came as files are put away: those that held, those that did not."""
    return incoming(instance) / "accepted", incoming(instance) / "refused"


def _settled(folder: Path) -> Iterator[tuple[Path, tuple[str, int, int]]]:
    """Regular files that nobody has written to for a while, each with what tells it from a later one of its name."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        facts = path.lstat()
        if stat.S_ISREG(facts.st_mode) and time.time() - facts.st_mtime >= SETTLED:
            yield path, (path.name, facts.st_mtime_ns, facts.st_size)


def _read(path: Path) -> bytes:
    """At most a byte more than a receipt may have; a link that took the file's place is not followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        return file.read(LARGEST + 1)


def _put_away(path: Path, place: Path) -> None:
    """Move `path` to `place`, whole and on disk. By a copy: a confined process renames nothing into another folder."""
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        with os.fdopen(source, "rb") as come, place.open("xb") as kept:
            place.chmod(PRIVATE_FILE)
            shutil.copyfileobj(come, kept)
            kept.flush()
            os.fsync(kept.fileno())
    except OSError:
        place.unlink(missing_ok=True)
        raise
    path.unlink()


def free(path: Path) -> Path:
    """`path`, or beside it where that name is taken: nothing that came is ever overwritten."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
