"""The processes of the house: what each runs, what it may read and write. The whole list, on one page."""

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from senim.asoi.settings import token_files, token_module
from senim.availability.settings import trusted_files
from senim.kit.capabilities import drop_capabilities
from senim.kit.confine import confine
from senim.kit.instance import ID_FILE, Instance
from senim.kit.process import Process, keep_memory_private
from senim.malware.settings import is_wanted, scanned_folders
from senim.site.database.connections import server
from senim.site.layout import DEVICES, code_folders
from senim.telemetry.settings import watched_folders


def _nothing(_instance: Instance) -> list[Path]:
    return []


def _always(_instance: Instance) -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """One process that `senim up` keeps running."""

    name: str
    entry: str
    """`package.module:function`, called with a `Process` once Django is ready; returns when asked to stop."""
    reads: Callable[[Instance], list[Path]] = _nothing
    """What it reads besides: folders of the machine that senim.toml names, what another process writes."""
    writes: Callable[[Instance], list[Path]] = _nothing
    """What it writes besides its own: what the module of a token keeps."""
    is_wanted: Callable[[Instance], bool] = _always
    """Whether this instance has work for it."""
    is_bare: bool = False
    """Whether it knows no secret and no database: it takes strangers' bytes apart."""

    def load(self) -> Callable[[Process], None]:
        """The function itself."""
        module, _, name = self.entry.partition(":")
        function: Callable[[Process], None] = getattr(importlib.import_module(module), name)
        return function

    def readable(self, instance: Instance) -> list[Path]:
        """What it may read: code, settings, rules, what it is there to read.

        Besides, unless it is bare: what the bureau trusts, its own secrets and keys, the database's CA.
        """
        open_to_all = [instance.home / "senim.toml", instance.home / ID_FILE, instance.home / "rules"]
        return [*code_folders(), *open_to_all, *self.reads(instance), *([] if self.is_bare else self._own(instance))]

    def _own(self, instance: Instance) -> list[Path]:
        return [
            instance.home / "trust",
            instance.secrets_file(self.name),
            instance.home / "keys" / self.name,
            *server(instance).files,
        ]

    def writable(self, instance: Instance) -> list[Path]:
        """What it may write: its own state, its output, what it is there to write."""
        return [instance.state(self.name), Path(f"/proc/{os.getpid()}"), *DEVICES, *self.writes(instance)]

    def withdraw(self, instance: Instance) -> bool:
        """Give up for good whatever is none of this process's business: its own memory to others, theirs, their files.

        False where the kernel cannot keep it from files.
        """
        keep_memory_private()
        drop_capabilities()
        return confine(readable=self.readable(instance), writable=self.writable(instance))


def _looked_at(instance: Instance) -> list[Path]:
    return [*watched_folders(instance), *trusted_files(instance)]


def _history(instance: Instance) -> list[Path]:
    return [instance.state("history")]


PROGRAMS: tuple[Program, ...] = (
    Program("sealer", "senim.audit.sealer:run"),
    Program("asoi", "senim.asoi.sender:run", reads=token_module, writes=token_files),
    Program("collector", "senim.site.collecting:run", reads=_looked_at),
    Program("detection", "senim.detection.process:run"),
    Program("feed", "senim.event_feed.process:run"),
    Program("history", "senim.history.writer:run"),
    Program("worker", "senim.site.worker:run"),
    Program("console", "senim.site.console:run", reads=_history),
    Program("malware", "senim.malware.scanner:run", reads=scanned_folders, is_wanted=is_wanted, is_bare=True),
)
