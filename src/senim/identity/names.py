"""The names that accounts have: one form, for making accounts, for finding them and for counting failures.

Letters of one alphabet, so that no two names look alike (`а` is not `a`) or are taken for the same by one program and
for two by another (`ſ` and `s`, `ı` and `i`).
"""

import re
import unicodedata

PATTERN = r"^[a-z0-9][a-z0-9._@+-]*$"
"""What the database holds names to."""


def normal(typed: str) -> str:
    """The one form of the name that somebody typed; nothing where no account can be called so."""
    name = unicodedata.normalize("NFKC", typed.strip()).casefold()
    return name if re.fullmatch(PATTERN, name) else ""
