"""A disk without room, by the kernel's limit on the size of files: no file system need be made, and nobody be root."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

NO_ROOM = os.strerror(errno.EFBIG).encode()
"""What whoever meets the limit says."""
_NOTHING, _ANYTHING = (0, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@contextmanager
def full_disk(supervisor: psutil.Process) -> Iterator[None]:
    """Neither `supervisor` nor whatever it starts meanwhile can write a byte into a file."""
    supervisor.rlimit(psutil.RLIMIT_FSIZE, _NOTHING)
    try:
        yield
    finally:
        supervisor.rlimit(psutil.RLIMIT_FSIZE, _ANYTHING)
        for process in supervisor.children(recursive=True):
            # An engine runs as another user; without room it ends by itself, and is started again.
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.rlimit(psutil.RLIMIT_FSIZE, _ANYTHING)


@contextmanager
def no_room_for(process: psutil.Process) -> Iterator[None]:
    """`process`, which goes on running, can write no byte into a file."""
    process.rlimit(psutil.RLIMIT_FSIZE, _NOTHING)
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, _ANYTHING)
