"""SFTP by the system's own OpenSSH client, with the server's pinned host key: the carrier of `carrier = "sftp"`.

Clauses: R228/81 (or in electronic format; a transport with cryptographic protection of confidentiality and
non-modification). What travels is sealed for the regulator besides.
"""

import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from senim.asoi.carriers import HostNotTrusted, Visit
from senim.asoi.carriers.batch import carried_out, fetching, listed, listing, putting
from senim.asoi.carriers.hosts import host_keys, known_hosts, signatures
from senim.asoi.carriers.program import Ran, run
from senim.asoi.errors import HostKeyMissing
from senim.asoi.internal.credentials import PROCESS
from senim.asoi.settings import SftpSettings
from senim.kit.files import private_folder
from senim.kit.instance import Instance

SFTP_KEY = "sftp"


class Sftp:
    """Brings files to one folder of a server and fetches receipts from another."""

    def __init__(self, instance: Instance, settings: SftpSettings, stopping: threading.Event) -> None:
        self._instance, self._settings, self._stopping = instance, settings, stopping
        self._place = instance.state(PROCESS) / "carrier"
        shutil.rmtree(self._place, ignore_errors=True)  # of a process that was killed
        private_folder(self._place)
        self._spoiled: set[str] = set()
        """Names of receipts that could not be fetched: asked for behind the others."""

    @property
    def way(self) -> str:
        """See `Carrier.way`."""
        known = self._settings
        return f"sftp://{known.user}@{known.host}:{known.port}/{known.messages.lstrip('/')}"

    def visit(self, files: Mapping[str, bytes], *, fetch: bool) -> Visit:
        """See `Carrier.visit`."""
        try:
            keys = host_keys(self._instance)
        except HostKeyMissing as refusal:
            return Visit(failure=HostNotTrusted(refusal.code))
        with tempfile.TemporaryDirectory(dir=self._place) as folder:
            return self._visit(Path(folder), keys, files, fetch=fetch)

    def _visit(self, folder: Path, keys: tuple[str, ...], files: Mapping[str, bytes], *, fetch: bool) -> Visit:
        self._furnish(folder, keys)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        puts = putting(files, self._settings.messages)
        ran = self._run(folder, keys, [*puts, [listing(self._settings.receipts)]])
        put = tuple(files)[: carried_out(puts, ran.said, to_the_end=ran.failure is None)]
        names = listed(ran.said, self._settings.receipts)
        if ran.failure is not None or not fetch or not names:
            return Visit(put, failure=ran.failure)
        return self._fetched(folder, keys, put, sorted(names, key=self._spoiled.__contains__))

    def _fetched(self, folder: Path, keys: tuple[str, ...], put: tuple[str, ...], names: list[str]) -> Visit:
        place = folder / "receipts"
        place.mkdir()
        self._furnish(place, keys)
        gets = fetching(names, self._settings.receipts)
        ran = self._run(place, keys, gets)
        count = carried_out(gets, ran.said, to_the_end=ran.failure is None)
        self._spoiled = self._spoiled & set(names[count:]) | set(names[count : count + 1])
        return Visit(put, {name: (place / name).read_bytes() for name in names[:count]}, ran.failure)

    def _furnish(self, folder: Path, keys: tuple[str, ...]) -> None:
        (folder / "known_hosts").write_text(known_hosts(keys), encoding="ascii")
        (folder / "key").symlink_to(self._instance.key(PROCESS, SFTP_KEY))

    def _run(self, folder: Path, keys: tuple[str, ...], commands: list[list[str]]) -> Ran:
        batch = [command for group in commands for command in group]
        return run(batch, folder, signatures=signatures(keys), settings=self._settings, stopping=self._stopping)
