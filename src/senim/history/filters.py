"""What somebody looks for in the history.

Every filter that is given must fit. Names (source, host, action, address, user) must be the same, capitals and all;
one that ends in `*` says how they begin. `text` is sought anywhere in the line, capitals or not.
"""

from datetime import datetime

import msgspec

from senim.history.internal.words import moment, word

LONGEST = 200
"""Characters of one filter: nobody looks for more, and a search must stay cheap."""
_ANY = "*"
_NAMES = ("source", "host", "action", "address", "user")


class Filter(msgspec.Struct, frozen=True):
    """One search, without its place in the list."""

    since: datetime
    """Included. Both are of the moment at which events happened."""
    until: datetime
    """Not included."""
    source: str = ""
    host: str = ""
    action: str = ""
    address: str = ""
    user: str = ""
    text: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What is asked besides the time, by name."""
        return {name: asked for name in (*_NAMES, "text") if (asked := getattr(self, name)[:LONGEST])}

    @property
    def names_somebody(self) -> bool:
        """Whether it looks for a person, a machine of theirs, or words: what the audit log remembers."""
        return bool(self.address or self.user or self.text)

    def narrowed(self, since: datetime, until: datetime) -> "Filter":
        """The same within a part of its time."""
        return msgspec.structs.replace(self, since=max(self.since, since), until=min(self.until, until))


def condition(asked: Filter) -> str:
    """`asked` as the condition of a statement: all of its text in hexadecimal digits."""
    parts = [f"at >= {moment(asked.since)}", f"at < {moment(asked.until)}"]
    for name, text in asked.words.items():
        parts.append(_contains(text) if name == "text" else _named(name, text))
    return " AND ".join(parts)


def _contains(text: str) -> str:
    return f"contains(lower(text), lower({word(text)}))"


def _named(name: str, text: str) -> str:
    column = f'"{name}"'  # one of ours; `user` is a word of the language as well
    if text.endswith(_ANY):
        return f"starts_with({column}, {word(text.removesuffix(_ANY))})"
    return f"{column} = {word(text)}"
