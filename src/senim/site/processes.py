"""The processes of the house: what each runs, what it may read and write. The whole list, on one page."""

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from senim.kit.capabilities import drop_capabilities
from senim.kit.confine import confine
from senim.kit.instance import ID_FILE, Instance
from senim.kit.process import Process, keep_memory_private
from senim.site.database.connections import server
from senim.site.layout import DEVICES, code_folders
from senim.telemetry.settings import watched_folders


@dataclass(frozen=True)
class Program:
    """One process that `senim up` keeps running."""

    name: str
    entry: str
    """`package.module:function`, called with a `Process` once Django is ready; returns when asked to stop."""
    reads_sources: bool = False
    """Whether it reads the log files that senim.toml names."""

    def load(self) -> Callable[[Process], None]:
        """The function itself."""
        module, _, name = self.entry.partition(":")
        function: Callable[[Process], None] = getattr(importlib.import_module(module), name)
        return function

    def readable(self, instance: Instance) -> list[Path]:
        """What it may read: code, settings, what the bureau trusts, its own secrets and keys, the database's CA."""
        own = [
            instance.home / "senim.toml",
            instance.home / ID_FILE,
            instance.home / "trust",
            instance.home / "rules",
            instance.secrets_file(self.name),
            instance.home / "keys" / self.name,
            *server(instance).files,
        ]
        return [*code_folders(), *own, *(watched_folders(instance) if self.reads_sources else ())]

    def writable(self, instance: Instance) -> list[Path]:
        """What it may write: its own state, its output."""
        return [instance.state(self.name), Path(f"/proc/{os.getpid()}"), *DEVICES]

    def withdraw(self, instance: Instance) -> bool:
        """Give up for good whatever is none of this process's business: its own memory to others, theirs, their files.

        False where the kernel cannot keep it from files.
        """
        keep_memory_private()
        drop_capabilities()
        return confine(readable=self.readable(instance), writable=self.writable(instance))


PROGRAMS: tuple[Program, ...] = (
    Program("sealer", "senim.audit.sealer:run"),
    Program("asoi", "senim.asoi.sender:run"),
    Program("collector", "senim.telemetry.collector:run", reads_sources=True),
    Program("detection", "senim.detection.process:run"),
    Program("worker", "senim.site.worker:run"),
    Program("console", "senim.site.console:run"),
)
