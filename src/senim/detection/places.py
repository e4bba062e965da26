"""Where the rule files of an installation lie, and what they hold.

Ours come with the programme (`rules/`), the bureau's own lie in the instance (`HOME/rules`); both have one folder a
source, `<source>/<name>.yml`, and may stand beside `<name>.examples.yml`. Nothing here reads a rule: whoever only
compares files needs no Sigma for it.
"""

import hashlib
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import senim
from senim.detection.internal.visible import visible
from senim.kit.instance import Instance

OURS = Path(senim.__file__).resolve().parents[2] / "rules"
EXAMPLES = ".examples.yml"
MOST_BYTES = 1024 * 1024
"""Of one file; a larger one is read by nobody."""
UNREADABLE = "unreadable"
"""In place of the digest of a file that nobody can or will read."""


def folders(instance: Instance) -> dict[str, Path]:
    """Where rules are read from, in this order: whose → folder."""
    return {"ours": OURS, "bureau": instance.home / "rules"}


def files(places: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Every rule file in `places`, in the order of names, as people call it and where it lies.

    It is called `ours/sshd/password-guessed.yml`: whose, which source, name. A folder that is not there holds none.
    """
    for name, folder in places.items():
        for path in sorted(folder.glob("*/*.yml")):
            if not path.name.endswith(EXAMPLES):
                yield visible(f"{name}/{path.parent.name}/{path.name}"), path


def digests(places: Mapping[str, Path]) -> dict[str, str]:
    """What every rule file in `places` holds at this moment: its SHA-256, or `UNREADABLE`."""
    found = {file: _digest(path) for file, path in files(places)}
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
