"""A process started as root gives up what root may do to other processes and to the kernel (capabilities(7)).

The files of other users it goes on reading, as far as `confine` lets it: the logs that it follows are theirs. But it
can look into no other process any more, whatever code runs in it: Landlock forbids that only where the kernel asks it,
and `/proc/PID/environ` has been readable with CAP_PERFMON alone since Linux 6.15.
"""

import ctypes
import os

_CHOWN, _DAC_OVERRIDE, _DAC_READ_SEARCH, _FOWNER, _KILL, _NET_BIND_SERVICE = 0, 1, 2, 3, 5, 10
_KEPT = (_CHOWN, _DAC_OVERRIDE, _DAC_READ_SEARCH, _FOWNER, _KILL, _NET_BIND_SERVICE)
_VERSION_3 = 0x20080522
_PR_CAPBSET_READ, _PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 23, 24, 47, 4


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def drop_capabilities() -> None:
    """Keep what files and ports need, for good; programs that it starts get no more. Nothing to do for other users.

    Raises `OSError` where the kernel refuses.
    """
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    number = 0
    while libc.prctl(_PR_CAPBSET_READ, number, 0, 0, 0) >= 0:  # an error behind the last that this kernel knows
        if number not in _KEPT:
            _ask(libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0))
        number += 1
    _ask(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    header, words = _Header(_VERSION_3, 0), (_Data * 2)()
    _ask(libc.capget(ctypes.byref(header), words))
    kept = sum(1 << number for number in _KEPT)
    words[0] = _Data(words[0].effective & kept, words[0].permitted & kept, 0)
    words[1] = _Data(0, 0, 0)
    _ask(libc.capset(ctypes.byref(header), words))


def _ask(answer: int) -> None:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
