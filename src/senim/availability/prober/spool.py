"""The file that samples are appended to: one line, one write; turned over when it has grown."""

import os
from pathlib import Path

from senim.kit.files import private_folder

LONGEST = 8 * 1024 * 1024
"""Our choice: bytes; some days of a few services. The file before it is kept until the next turn."""


class Spool:
    """Appends lines to one file."""

    def __init__(self, path: Path, longest: int = LONGEST) -> None:
        private_folder(path.parent)
        self._path, self._longest = path, longest

    def write(self, line: bytes) -> None:
        """Append `line` and its newline. Raises `OSError` where the disk does not take it."""
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line + b"\n")
            is_full = os.fstat(handle).st_size >= self._longest
        finally:
            os.close(handle)
        if is_full:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
