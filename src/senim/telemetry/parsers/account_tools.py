"""What a command of the account tools (shadow-utils) asks for: a number, groups.

Read as the tools themselves read it (getopt_long): options may stand together (`-ou0`), have their value with them
(`-aGsudo`, `--groups=sudo`) or behind them, be shortened (`--gr sudo`), and what follows one that takes a value is its
value whatever it looks like. A search in the text of the command would miss the one and take the other for a demand,
and a long comment would hide what stands behind it.
"""

import re
from collections.abc import Iterator, Sequence

_VALUED = {
    "usermod": "cdefgGlpPRsuvVwWZ",
    "useradd": "bcdefgGkKpPRsuZ",
    "groupmod": "gnpPRU",
    "groupadd": "gKpPRU",
    "gpasswd": "aAdMQ",
    "groupmems": "adgR",
}
"""The options of each tool that take a value."""
_LONG = {
    "add": "a", "add-subgids": "w", "add-subuids": "v", "administrators": "A", "base-dir": "b", "comment": "c",
    "del-subgids": "W", "del-subuids": "V", "delete": "d", "expiredate": "e", "gid": "g", "group": "g", "groups": "G",
    "home-dir": "d", "home": "d", "inactive": "f", "key": "K", "login": "l", "members": "M", "new-name": "n",
    "password": "p", "prefix": "P", "root": "R", "selinux-user": "Z", "shell": "s", "skel": "k", "uid": "u",
    "users": "U",
}  # fmt: skip
_NUMBER = {"usermod": ("u",), "useradd": ("u",), "groupmod": ("g",), "groupadd": ("g",)}
_GROUPS = {"usermod": ("g", "G"), "useradd": ("g", "G"), "groupmems": ("g",), "gpasswd": ("",)}
"""The options that name groups; gpasswd names its group without one."""
_ENTER = {"gpasswd": ("a", "A", "M"), "groupmems": ("a",)}
"""With which options a tool that can also show and remove makes somebody a member, or one who may make members."""
_ZERO = re.compile(r"\s*\+?(?:0x)?0+", re.ASCII)

Option = tuple[str, str]


def asked(tool: str, words: Sequence[str]) -> dict[str, str]:
    """What `tool`, given `words`, is asked for: `asked_number`, `asked_groups`. Empty where it is no account tool.

    Groups stand between commas (`,sudo,adm,`). The number 0 is `0` however it is written.
    """
    if tool not in _VALUED:
        return {}
    options = list(_options(tool, words))
    numbers = _values(options, _NUMBER.get(tool, ()))
    enters = tool not in _ENTER or _values(options, _ENTER[tool])
    groups = _values(options, _GROUPS.get(tool, ())) if enters else []
    found = {"asked_number": _plain(numbers[-1])} if numbers else {}
    return found | ({"asked_groups": _between_commas(groups)} if groups else {})


def _values(options: Sequence[Option], letters: Sequence[str]) -> list[str]:
    return [value for letter, value in options if letter in letters]


def _options(tool: str, words: Sequence[str]) -> Iterator[Option]:
    """Each option by its letter and with its value; without a letter what is none."""
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            yield from (("", rest) for rest in waiting)
        elif word.startswith("--"):
            yield from _long(tool, word[2:], waiting)
        elif word.startswith("-") and len(word) > 1:
            yield from _short(tool, word[1:], waiting)
        else:
            yield "", word


def _long(tool: str, word: str, waiting: Iterator[str]) -> Iterator[Option]:
    given, equals, value = word.partition("=")
    meant = sorted((name for name in _LONG if name.startswith(given) and _LONG[name] in _VALUED[tool]), key=len)
    if meant and given:
        yield _LONG[meant[0]], value if equals else next(waiting, "")


def _short(tool: str, word: str, waiting: Iterator[str]) -> Iterator[Option]:
    for place, letter in enumerate(word, start=1):
        if letter in _VALUED[tool]:
            yield letter, word[place:] or next(waiting, "")
            return


def _plain(number: str) -> str:
    return "0" if _ZERO.fullmatch(number) else number


def _between_commas(lists: Sequence[str]) -> str:
    return "".join(f",{_plain(group)}" for one in lists for group in one.split(",")) + ","
