"""What nobody else may read, or change: asked of every file of an instance that a process believes or keeps secret."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.checks import Finding
from senim.kit.instance import Instance
from senim.kit.problems import Text

_READ_OR_CHANGED, _CHANGED = 0o077, 0o022
_SHOWN = {".crt", ".csr", ".pub"}
"""What lies beside keys and is shown to anybody who asks."""


def findings(instance: Instance, others: frozenset[str]) -> Iterator[Finding]:
    """Every folder and file that is a link, somebody else's, or open; what belongs to `others` is not looked at."""
    for path, closed_to in _kept(instance.home, others):
        try:
            facts = path.lstat()
        except FileNotFoundError:
            continue  # what misses it says so
        if reason := _flaw(path, facts, closed_to):
            yield Finding("files:open", reason)


def _kept(home: Path, others: frozenset[str]) -> Iterator[tuple[Path, int]]:
    yield home, _READ_OR_CHANGED
    for top in (home / "keys", home / "secrets"):
        yield top, _READ_OR_CHANGED
        for path in sorted(top.rglob("*")):
            if path.relative_to(top).parts[0].removesuffix(".toml") not in others:
                yield path, _CHANGED if path.suffix in _SHOWN else _READ_OR_CHANGED
    for path in (home / "trust", *sorted((home / "trust").rglob("*"))):
        yield path, _CHANGED


def _flaw(path: Path, facts: os.stat_result, closed_to: int) -> Text | None:
    """What is wrong with it, for a person; nothing where nothing is."""
    if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
        return format_lazy(_("{path} is a link or a device: what it stands for must lie there itself"), path=path)
    # What is only shown may be root's: whoever is root can replace it anyhow.
    if facts.st_uid not in ({os.geteuid()} if closed_to == _READ_OR_CHANGED else {os.geteuid(), 0}):
        return format_lazy(_("{path} belongs to somebody else (uid {uid})"), path=path, uid=facts.st_uid)
    mode = stat.S_IMODE(facts.st_mode)
    if not mode & closed_to:
        return None
    if closed_to == _CHANGED:
        return format_lazy(_("{path} (mode {mode:04o}) can be changed by others: chmod go-w"), path=path, mode=mode)
    told = _("{path} (mode {mode:04o}) is open to others: chmod go= and ask yourself who has read it")
    return format_lazy(told, path=path, mode=mode)
