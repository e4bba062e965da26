"""A child's output on disk, bounded also while the child runs: strangers can make a child talk."""

import os
import shutil
from pathlib import Path

LIMIT = 10 * 1024 * 1024


def keep_short(log: Path, limit: int) -> None:
    """Once `log` is longer than `limit`, move what it says to `NAME.log.1` and let it begin anew.

    The child goes on writing: it appends, so it continues at the new beginning, and what it says between the copy and
    the cut is lost. Raises `OSError` where there is no room for the copy; the log is cut all the same.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return
    try:
        shutil.copyfile(log, log.with_suffix(".log.1"))
    finally:
        os.truncate(log, 0)
