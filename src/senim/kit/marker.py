"""The marker of an exercise: a name of its own that the attack wears, so that what comes of it is known again.

It is made at random for one exercise and names nobody and nothing else: the account that is attacked, the address of
the page that is flooded, the order that is tampered with. No secret: it stands in logs, on pages and in messages.
"""

import re
import secrets

_BEGINS = "exercise-"
FORM = rf"{_BEGINS}[0-9a-f]{{16}}"
"""As a regular expression (PostgreSQL's and Python's alike)."""
_WORN = re.compile(rf"(?<![0-9A-Za-z-]){FORM}(?![0-9A-Za-z])")
_WHOLE = re.compile(FORM)


def new_marker() -> str:
    """A marker that no exercise has worn before."""
    return f"exercise-{secrets.token_hex(8)}"


def is_marker(name: str) -> bool:
    """Whether `name` is a marker and nothing else."""
    return _WHOLE.fullmatch(name) is not None


def marker_in(text: str) -> str:
    """The one marker that `text` wears; empty where it wears none, or several: nobody can say whose it is then."""
    if _BEGINS not in text:  # nearly every line of a log
        return ""
    worn = set(_WORN.findall(text))
    return worn.pop() if len(worn) == 1 else ""
