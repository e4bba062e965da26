"""A process gives up the files it has no business with (Landlock, Linux 5.13+).

Processes of one OS user are kept apart by secrets only, unless the kernel helps. Here a process tells the kernel,
before it serves anybody, which folders it will ever read or write; from then on neither it nor its children can open
another's key, whatever code runs in it. Where the kernel has no Landlock, `confine` says so and the security model's
warning holds.

Source: the kernel's Documentation/userspace-api/landlock.rst. Restricted is the access to files: all rights of ABI 1,
and truncation where the kernel knows it (ABI 3, Linux 6.2). To move or link a file into another folder (ABI 2) is
refused by every kernel to a process that does not ask for that right, and none asks. Devices that are not listed cannot
be opened, so their own right (ABI 5) adds nothing.

Not restricted, because Landlock has no right for it: mode, owner and times of a file, which a process of the same user
may change wherever it lies. It can so open its own files to others or lock a neighbour out of his, but reads and writes
nothing by it.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _TRUNCATE_SINCE = 1 << 14, 3
_ALL_ABI_1 = (1 << 13) - 1
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _EXECUTE | _READ_FILE | _READ_DIR


class _Ruleset(ctypes.Structure):
    _fields_ = [("handled_access_fs", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def available() -> bool:
    """Whether this kernel can confine."""
    return _abi() >= 1


def stops_truncation() -> bool:
    """Whether this kernel keeps a confined process from emptying a file that it may not write (Linux 6.2)."""
    return _abi() >= _TRUNCATE_SINCE


def confine(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Give up every file outside `readable` and `writable` for good, for this process and its children.

    Paths that do not exist are passed over: what is not there cannot be read, and cannot be made later either.
    Returns False, having changed nothing, where the kernel cannot confine. Raises `OSError` if it can and refuses.
    """
    if not available():
        return False
    everything = _ALL_ABI_1 | _TRUNCATE if stops_truncation() else _ALL_ABI_1
    rules = _Ruleset(everything)
    ruleset = _checked(_syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0))
    try:
        for path in readable:
            _allow(ruleset, path, _READING)
        for path in writable:
            _allow(ruleset, path, everything)
        libc = ctypes.CDLL(None, use_errno=True)
        _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(_syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_ONLY
        rule = _Beneath(rights, handle)
        _checked(_syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(handle)


def _abi() -> int:
    """The kernel's version of Landlock; below 1 where it has none, or it is switched off."""
    return _syscall(_CREATE_RULESET, None, 0, 1)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.syscall(ctypes.c_long(number), *arguments))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
