"""What the program `sftp` is told, and what can be read off what it says.

Nothing of it is taken from the other side but names of receipts, and of these only such as are plain words.
"""

import re
from collections.abc import Iterable

from senim.asoi.electronic_format import SUFFIX

MOST = 50
"""Receipts of one visit: the newest. Older ones were fetched before, or come when the newest are no news."""
_PROMPT = "sftp> "
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}" + re.escape(SUFFIX))


def putting(names: Iterable[str], folder: str) -> list[list[str]]:
    """What puts each file: under another name first, synced, so that nobody over there reads a half one."""
    return [[f"put -f {name} {folder}/{name}.part", f"rename {folder}/{name}.part {folder}/{name}"] for name in names]


def listing(folder: str) -> str:
    """What lists a folder, the newest first."""
    return f"ls -1t {folder}"


def fetching(names: Iterable[str], folder: str) -> list[list[str]]:
    """What fetches each receipt."""
    return [[f"get {folder}/{name} {name}"] for name in names]


def listed(said: str, folder: str) -> list[str]:
    """Names of receipts in what the listing said; whatever else lies there is left alone."""
    lines = (line.removeprefix(f"{folder}/") for line in said.splitlines() if not line.startswith(_PROMPT))
    return [line for line in lines if _PLAIN.fullmatch(line)][:MOST]


def carried_out(commands: list[list[str]], said: str, *, to_the_end: bool) -> int:
    """How many of these groups of commands were carried out, from the first on.

    The program repeats each command before it does it and stops at the first that fails: what was begun last may have
    failed, what stands before it has not.
    """
    begun = sum(line.startswith(_PROMPT) for line in said.splitlines())
    done, count = begun if to_the_end else begun - 1, 0
    for group in commands:
        done -= len(group)
        if done < 0:
            break
        count += 1
    return count
