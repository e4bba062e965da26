r"""What Linux's audit daemon writes: one record a line, several records an event, told apart by `audit(moment:serial)`.

    type=SYSCALL msg=audit(1795646549.178:5): arch=c000003e syscall=59 success=yes … key="senim-watched-uploads"
    type=EXECVE msg=audit(1795646549.178:5): argc=2 a0="/bin/sh" a1="./a.sh"
    type=CWD msg=audit(1795646549.178:5): cwd="/srv/uploads"
    type=PATH msg=audit(1795646549.178:5): item=0 name="./a.sh" …

A record keeps its own fields under auditd's own names (`type`, `exe`, `comm`, `key`, `a0` …, and those that the
ENRICHED format adds in capitals: `SYSCALL`, `AUID` …), because Sigma's rules for auditd are written for single records.
What a stranger may have chosen is written in hexadecimal where it holds a quote, a space or a control character; here
it is text.

The kernel writes the records of an event in a fixed order and may write those of another in between. So nothing waits
for an event to be whole: a record knows what earlier records of its event have said (`Joining`), and that stands in
fields of ours, which no record has: `action`, `user`, `program`, `command`, `path`, `folder`, `marker`; of a command of
the account tools also what it asks for (`account_tools`): `asked_number`, `asked_groups`.

Source of the forms: audit-userspace's lib/audit_logging.c and auparse/interpret.c, the kernel's kernel/auditsc.c.
"""

import posixpath
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from senim.kit.marker import marker_in
from senim.kit.unreadable import UNREADABLE
from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments
from senim.telemetry.parsers.account_tools import asked
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

WATCH = "senim-watched-"
"""How the key of an audit rule for a watched folder begins; the folder's name in senim.toml follows."""
MOST_OPEN = 64
"""Events that are remembered at once for each source: the kernel's own backlog limit by default."""
_MOST_KEPT = 1024
"""Characters of a field that one record leaves to the next."""
_MOST_WORDS = 256
"""Of a command, how many are shown."""
_HEAD = re.compile(
    r"(?:node=(?P<node>[^ ]{1,255}) )?type=(?P<type>[A-Z0-9_]{1,40}|UNKNOWN\[\d{1,5}\]) "
    r"msg=audit\((?P<at>\d{1,12}\.\d{1,6}):(?P<serial>\d{1,20})\): ?",
    re.ASCII,
)
_FIELD = re.compile(
    r"(?<![\w-])(?P<name>[A-Za-z][\w-]{0,40})(?P<piece>\[\d{1,5}\])?=(?P<value>\"[^\"]*\"|[^\s\x1d]*)", re.ASCII
)
_REPORT = "msg='"
"""What a program of user space reports stands between this and the last quote of the record."""
_OPERATION = re.compile(r"(?<![\w-])op=(?P<op>[^=]{0,200}?) (?:acct|grp|id|exe|cmd|key)=", re.ASCII)
_BETWEEN_KEYS = b"\x01"
"""The kernel's `AUDIT_KEY_SEPARATOR`."""
_UNTRUSTED = frozenset({"acct", "cmd", "comm", "cwd", "data", "dir", "exe", "file", "grp", "key", "name", "path"})
_NOT_ITS = frozenset({"action", "host", "marker", "msg", "serial", "time_flaw", "type"})
_ARGUMENT = re.compile(r"a\d{1,5}")
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_EXECUTIONS = frozenset({"execve", "execveat"})
_NUMBERS = {"59": "execve", "322": "execveat"}
"""x86-64's numbers of the calls that a rule of ours needs, where the RAW format names none."""
_X86_64 = "c000003e"
_AARCH64 = "c00000b7"
_NUMBERS_AARCH64 = {"221": "execve", "281": "execveat"}
_NOBODY = frozenset({"unset", "4294967295", "-1", ""})
_OF_ACCOUNTS = {
    "ADD_USER": "account-added",
    "DEL_USER": "account-removed",
    "ADD_GROUP": "group-added",
    "DEL_GROUP": "group-removed",
    "USER_CHAUTHTOK": "account-changed",
    "USER_MGMT": "account-changed",
    "GRP_MGMT": "group-changed",
}

Facts = dict[str, str]
_states = msgspec.msgpack.Decoder(dict[str, Facts])


class Joining:
    """Reads the records of one source in their order; what one said its event's later ones know.

    Bounded: the events begun longest ago are forgotten first. `state` is all that it remembers, as bytes: kept with
    what was accepted, it makes an event that two frames share the same as one that stands in one.
    """

    def __init__(self, state: bytes = b"") -> None:
        """Go on from `state`; what cannot be read is nothing."""
        try:
            self._open: dict[str, Facts] = _states.decode(state) if state else {}
        except UNREADABLE:
            self._open = {}

    @property
    def state(self) -> bytes:
        """All that is remembered."""
        return msgspec.msgpack.encode(self._open)

    def parse(self, line: Line, host: str, zone: str) -> Observed:
        """What `line` says, with what its event has said before. Never raises."""
        head = _HEAD.match(_text(line))
        if head is None:
            return parse(line, host, zone)
        key = f"{head['node'] or ''}:{head['at']}:{head['serial']}"
        known = self._open.pop(key, {})
        seen = _observed(line, host, known)
        self._open[key] = known
        while len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
        return seen


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says by itself. Never raises: what is no audit record has the action `other`."""
    return _observed(line, host, {})


def _text(line: Line) -> str:
    # The separator of what ENRICHED adds is a control character of its own; the rest is made safe to show.
    return line.data.decode("utf-8", "backslashreplace")


def _observed(line: Line, host: str, known: Facts) -> Observed:
    """What `line` says; `known`, what earlier records of its event said, is added to."""
    text = _text(line)
    fields: Fields = {"host": host, "action": OTHER, "marker": ""}
    head = _HEAD.match(text)
    if head is None:
        fields["time_flaw"] = "unreadable"
        at, basis = moments.believed(None, line.read_at, fields)
        return Observed(at, basis, fields, readable(line.data))
    own = _own_fields(text, head)
    fields |= own
    fields |= {"host": head["node"] or host, "type": head["type"], "serial": head["serial"]}
    fields |= _ours(own, known, head["type"])
    claimed = _moment(head["at"])
    if claimed is None:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, readable(line.data))


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(seconds))
    except OverflowError:
        return None


def _own_fields(text: str, head: re.Match[str]) -> Facts:
    """The record's fields by auditd's own names; those that every kind of line has are not replaced."""
    found: Facts = {}
    for name, value, is_piece in _pairs(text, head.end(), head["type"]):
        if is_piece:  # an argument too long for one record
            found[name] = found.get(name, "") + value
        elif name not in _NOT_ITS:
            found.setdefault(name, value)
    if operation := _OPERATION.search(text, head.end()):
        found["op"] = operation["op"]
    return found


def _pairs(text: str, start: int, kind: str) -> Iterator[tuple[str, str, bool]]:
    report, end = text.find(_REPORT, start), text.rfind("'")
    # By the last quote, because a name may hold one.
    parts = [(start, len(text))] if not 0 <= report < end - len(_REPORT) else [
        (start, report), (report + len(_REPORT), end), (end + 1, len(text)),
    ]  # fmt: skip
    for first, last in parts:
        for found in _FIELD.finditer(text, first, last):
            yield found["name"], _value(found["name"], found["value"], kind), bool(found["piece"])


def _value(name: str, value: str, kind: str) -> str:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return _shown(value[1:-1])
    if value == "(null)":
        return ""
    encoded = name in _UNTRUSTED or name == "proctitle" or (kind == "EXECVE" and _ARGUMENT.fullmatch(name))
    if encoded and _HEX.fullmatch(value):
        # Arguments of a title are parted by zero bytes, keys of a rule that has several by a byte of their own.
        parted = bytes.fromhex(value).replace(b"\0", b" ")
        parted = parted.replace(_BETWEEN_KEYS, b" ") if name == "key" else parted
        return _shown(parted.decode("utf-8", "backslashreplace"))
    return _shown(value)


def _shown(text: str) -> str:
    return readable(text.encode("utf-8", "surrogatepass")) if not text.isprintable() else text


def _ours(own: Facts, known: Facts, kind: str) -> Fields:
    """The fields of ours, from this record and from earlier ones of its event."""
    if kind == "SYSCALL":
        known.update(_of_call(own))
    elif kind == "CWD":
        known["cwd"] = own.get("cwd", "")[:_MOST_KEPT]
    elif kind == "EXECVE":
        # A long command line stands in several records; its beginning says enough of it.
        known["command"] = known.get("command") or " ".join(_words(own)[:_MOST_WORDS])[:_MOST_KEPT]
    ours: Fields = {name: known.get(name, "") for name in ("command", "folder")}
    ours |= {"user": known.get("user") or _who(own), "program": known.get("program") or own.get("exe", "")}
    if kind == "PATH":
        ours |= _of_path(own, known)
    elif kind == "EXECVE":
        ours |= {"action": "command-run", **_asked(own, str(ours["program"]))}
    elif kind in _OF_ACCOUNTS:
        ours |= _of_account(own, kind)
    # In the record itself, or in what its event said before.
    ours["marker"] = marker_in(" ".join([*own.values(), *(str(value) for value in ours.values())]))
    return ours


def _of_call(own: Facts) -> Facts:
    """What a system call's record leaves to the other records of its event."""
    watched = (key for key in own.get("key", "").split(" ") if key.startswith(WATCH))
    return {
        "call": _call(own),
        "success": own.get("success", ""),
        "user": _who(own),
        "program": own.get("exe", "")[:_MOST_KEPT],
        "folder": next(watched, "").removeprefix(WATCH)[:_MOST_KEPT],
    }


def _call(own: Facts) -> str:
    if "SYSCALL" in own:
        return own["SYSCALL"]
    numbers = {_X86_64: _NUMBERS, _AARCH64: _NUMBERS_AARCH64}.get(own.get("arch", ""), {})
    return numbers.get(own.get("syscall", ""), "")


def _who(own: Facts) -> str:
    """Who signed in, for whom the call was made; where nobody did (a service), the user it ran as."""
    for name in ("AUID", "auid", "UID", "uid"):
        value = own.get(name, "")
        if value not in _NOBODY:
            return value
    return ""


def _words(own: Facts) -> list[str]:
    return [value for name, value in own.items() if _ARGUMENT.fullmatch(name)]


def _asked(own: Facts, program: str) -> Facts:
    """What a tool of accounts is asked for by the arguments in this record: all of them, however many."""
    return asked(posixpath.basename(program), _words(own)[1 if "a0" in own else 0 :])


def _of_path(own: Facts, known: Facts) -> Fields:
    """The file that this record names; the first of an execution is the one that was started."""
    named = own.get("name", "")
    path = posixpath.normpath(posixpath.join(known.get("cwd", ""), named)) if named else ""
    fields: Fields = {"path": path}
    if known.get("call") in _EXECUTIONS and own.get("item") == "0":
        fields["action"] = "file-executed" if known.get("success") == "yes" else "execution-failed"
    return fields


def _of_account(own: Facts, kind: str) -> Fields:
    """A program that keeps accounts reports what it did; a failure is none."""
    done = own.get("res", "") in ("success", "1")
    return {
        "action": _OF_ACCOUNTS[kind] if done else f"{_OF_ACCOUNTS[kind]}-failed",
        "account": own.get("acct", own.get("ID", own.get("id", ""))),
    }
