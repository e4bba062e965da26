"""Where the rule files of an installation lie, and what they hold.

Ours come with the programme (`rules/`), the bureau's own lie in the instance (`HOME/rules`). Rule files are `*.yml` and
`*.yaml` there and in its folders (one a source, by custom); each may stand beside `<name>.examples.yml`. Whoever puts
something else there believes in a control that is not there, so it counts as a file too and says why nobody reads it.
Nothing here reads a rule: whoever only compares files needs no Sigma for it.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import senim
from senim.detection.internal.visible import visible
from senim.kit.instance import Instance

OURS = Path(senim.__file__).resolve().parents[2] / "rules"
ENDINGS = (".yml", ".yaml")
EXAMPLES = tuple(f".examples{ending}" for ending in ENDINGS)
MOST_BYTES = 1024 * 1024
"""Of one file; a larger one is read by nobody."""
UNREADABLE = "unreadable"
"""In place of the digest of a file that nobody can or will read."""
_SIGNATURES, _SIGNATURE = "yara", ".yar"
"""The folder that the scanner of watched folders reads, and how its files end."""
_FOR_PEOPLE = (".md",)


class Lying(NamedTuple):
    """What lies where rule files do."""

    file: str
    """As people call it: `ours/sshd/password-guessed.yml`, whose and where."""
    path: Path
    unread: str = ""
    """Why nobody reads it; empty for a rule file."""


def folders(instance: Instance) -> dict[str, Path]:
    """Where rules are read from, in this order: whose → folder."""
    return {"ours": OURS, "bureau": instance.home / "rules"}


def files(places: Mapping[str, Path]) -> Iterator[Lying]:
    """Every rule file in `places` and what is taken for one, in the order of names.

    A folder that is not there holds none. Examples, what is written for people (`*.md`) and what is hidden are none.
    """
    for name, folder in places.items():
        yield from _in(name, folder, depth=0)


def _in(name: str, folder: Path, depth: int) -> Iterator[Lying]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        yield Lying(visible(name), folder, f"not read: {error.strerror}")
        return
    for entry in entries:
        if not _is_none(entry.name):
            yield from _one(f"{name}/{entry.name}", Path(entry.path), depth)


def _is_none(name: str) -> bool:
    is_rule = name.endswith(ENDINGS) and not name.endswith(EXAMPLES)
    return not is_rule and (name.startswith(".") or name.endswith((*EXAMPLES, *_FOR_PEOPLE)))


def _one(name: str, path: Path, depth: int) -> Iterator[Lying]:
    if path.name.endswith(ENDINGS):
        yield Lying(visible(name), path)
    elif not _is_folder(path):
        is_signature = path.name.endswith(_SIGNATURE) and depth == 1 and path.parent.name == _SIGNATURES
        if not is_signature:
            yield Lying(visible(name), path, _why_not(path))
    elif depth == 0:
        yield from _in(name, path, depth=1)
    else:
        yield Lying(
            visible(name), path, "not read: a folder in a folder; put rule files in HOME/rules or in a folder there"
        )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that may not be looked behind
        return False


def _why_not(path: Path) -> str:
    if path.suffix in (_SIGNATURE, ".yara"):
        return f"not read: signatures lie in HOME/rules/{_SIGNATURES} and end in {_SIGNATURE}"
    return f"not read: a rule file ends in {' or '.join(ENDINGS)}"


def digests(places: Mapping[str, Path]) -> dict[str, str]:
    """What every file in `places` holds at this moment: its SHA-256, or `UNREADABLE`."""
    found = {one.file: _digest(one.path) for one in files(places)}
    return {file: digest for file, digest in found.items() if digest}


def _digest(path: Path) -> str:
    """Empty where it has gone since it was listed."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MOST_BYTES:
            return UNREADABLE
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError:
        return UNREADABLE
