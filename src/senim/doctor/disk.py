"""Whether there is room where the house writes."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from senim.kit.checks import Fault

LEAST_BYTES = 1024**3
"""Our choice: what PostgreSQL's write-ahead log alone may take before it is used again (`max_wal_size`, by default)."""
LEAST_FILES = 10_000
"""Our choice: far more than the house makes in a day; who runs out of them can write nothing, however much is free."""
_MEGABYTE = 1024**2


def faults(
    folders: Iterable[Path], *, least_bytes: int = LEAST_BYTES, least_files: int = LEAST_FILES
) -> Iterator[Fault]:
    """Every file system below `folders` that has less than that left for whoever runs the house; each once."""
    seen = set()
    for folder in folders:
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield from _of(folder, least_bytes, least_files)


def _of(folder: Path, least_bytes: int, least_files: int) -> Iterator[Fault]:
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    remedy = _("Make room: when nothing can be written, lines wait in their sources and nobody is told of anything")
    if free < least_bytes:
        what = _("%(free)d MB are free at %(folder)s, and %(least)d MB should be")
        least = least_bytes // _MEGABYTE
        yield Fault(what % {"free": free // _MEGABYTE, "folder": folder, "least": least}, remedy)
    # A file system that makes room for names as they come counts none.
    if found.f_files and found.f_favail < least_files:
        what = _("%(free)d files can still be made at %(folder)s, and it should be %(least)d")
        yield Fault(what % {"free": found.f_favail, "folder": folder, "least": least_files}, remedy)
