"""What OpenSSH's server logs: OpenSSH 7 to 10, as `sshd -E FILE` writes it (no time) or a syslog daemon does.

A user name is whatever a stranger typed: it may hold spaces and read like ` from 192.0.2.1 port 22 ssh2`. sshd puts the
true address after the name, so every form is matched to its very end and the last address wins. Where a message also
ends in a stranger's text and two readings are possible, the field `ambiguous` says so.

`message repeated N times: [ … ]` stands for N further messages: field `repeated`.
Source of the forms: OpenSSH's auth.c, auth2.c, packet.c, session.c, sshd.c, auth-pam.c.
"""

import re
from collections.abc import Callable, Iterator

from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments, syslog
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

PROGRAMS = frozenset({"sshd", "sshd-session", "sshd-auth"})
"""Since OpenSSH 9.8 sessions, since 10.0 authentication as well, are programs of their own."""

_REPEATED = re.compile(r"message repeated (?P<repeated>\d{1,9}) times: \[ (?P<message>.*)\]$", re.DOTALL)
_PEER = r"(?P<src_ip>\S{1,255}) port (?P<src_port>\d{1,5})"
_FORMER = r"(?:(?P<standing>authenticating|invalid) )?user (?P<user>.*) "
_PRINT = r"SHA256:[A-Za-z0-9+/=]{43,44}|MD5:[0-9a-f:]{47}"
_KEY = rf"(?P<key_type>[A-Z0-9-]{{1,40}}) (?P<key>{_PRINT})"
_BY_KEY = r"(?P<verb>Failed|Accepted) (?P<method>publickey|hostbased)"
_CERTIFIED = rf"ID .* \(serial \d{{1,20}}\) CA \S{{1,40}} (?:{_PRINT})"
_EXCEEDED = "maximum authentication attempts exceeded"
_INVALID = r"(?P<invalid>(?:invalid|illegal) user )?"
_PAM_FACTS = r"logname=\S* uid=\d+ euid=\d+ tty=\S* ruser=\S* rhost=(?P<src_ip>\S{0,255})(?: +user=(?P<user>.*))?"
_LONGEST = 4096
"""Characters; sshd's own limit is 1,024 bytes a message (MSGBUFSIZ), so anything longer is not its message."""
_AGAIN = re.compile(r" \S{1,255} port \d{1,5}")

_FAMILIES = {"password": "password", "keyboard-interactive": "password", "publickey": "publickey"}
"""Methods by what is tried; a keyboard-interactive exchange asks for a password all the same."""

Action = str | Callable[[re.Match[str]], str]


def _tried(found: re.Match[str]) -> str:
    method = found["method"].partition("/")[0]
    return f"{_FAMILIES.get(method, method)}-{found['verb'].lower()}"


_FORMS: tuple[tuple[Action, re.Pattern[str]], ...] = tuple(
    (action, re.compile(form, re.DOTALL | re.ASCII))
    for action, form in (
        (_tried, rf"(?P<verb>Failed|Accepted) (?P<method>\S{{1,64}}) for {_INVALID}(?P<user>.*) from {_PEER} ssh[12]$"),
        (_tried, rf"{_BY_KEY} for {_INVALID}(?P<user>.*) from {_PEER} ssh[12]: {_KEY}$"),
        # A certificate's identity (ID …) is its author's text: the first address is the true one for a real account.
        (_tried, rf"{_BY_KEY} for {_INVALID}(?P<user>.*?) from {_PEER} ssh[12]: {_KEY} {_CERTIFIED}$"),
        ("publickey-offered", rf"Postponed (?P<method>publickey) for {_INVALID}(?P<user>.*) from {_PEER} ssh[12]$"),
        ("invalid-user", rf"(?:Invalid|Illegal) user (?P<user>.*) from {_PEER}$"),
        ("invalid-user", r"(?:Invalid|Illegal) user (?P<user>.*) from (?P<src_ip>\S{1,255})$"),
        ("attempts-exceeded", rf"(?:error: )?{_EXCEEDED} for {_INVALID}(?P<user>.*) from {_PEER} ssh[12]$"),
        ("user-refused", r"User (?P<user>.*) from (?P<src_ip>\S{1,255}) not allowed because .{1,100}$"),
        ("user-refused", r"User (?P<user>.*) not allowed because (?:account is locked|shell \S+ .{1,60})$"),
        ("user-refused", rf"ROOT LOGIN REFUSED FROM {_PEER}$"),
        ("disconnected", rf"Connection (?:closed|reset) by {_FORMER}{_PEER}$"),
        ("disconnected", rf"Connection (?:closed|reset) by {_PEER}$"),
        ("disconnected", rf"Disconnected from {_FORMER}{_PEER}$"),
        ("disconnected", rf"Disconnected from {_PEER}$"),
        ("disconnected", rf"Disconnecting {_FORMER}{_PEER}: Too many authentication failures$"),
        ("disconnected", rf"Disconnecting {_FORMER.replace('.*', '.*?')}{_PEER}: .*$"),
        ("disconnected", rf"Disconnecting {_PEER}: .*$"),
        ("disconnected", rf"Received disconnect from {_PEER}:\d+: ?.*$"),
        ("disconnected", rf"(?:fatal: )?Timeout before authentication for {_PEER}$"),
        ("disconnected", rf"(?:fatal: )?Timeout before authentication for connection from {_PEER} to .*$"),
        ("connected", rf"Connection from {_PEER} on \S{{1,255}} port \d{{1,5}}(?: rdomain \".*\")?$"),
        ("connection-dropped", r"drop connection #\d+ from \[(?P<src_ip>[^\]\s]+)\]:(?P<src_port>\d{1,5}) .*$"),
        ("protocol-error", rf"Did not receive identification string from {_PEER}$"),
        ("protocol-error", rf"Bad protocol version identification '.*' from {_PEER}$"),
        ("protocol-error", rf"banner exchange: Connection from {_PEER}: .*$"),
        ("protocol-error", rf"(?:fatal: )?Unable to negotiate with {_PEER}: .*$"),
        ("protocol-error", r"(?:error: )?kex_exchange_identification: .*$"),
        ("session-started", rf"Starting session: .* for (?P<user>\S+) from {_PEER} id \d+$"),
        ("session-closed", rf"Close session: user (?P<user>\S+) from {_PEER} id \d+$"),
        ("pam-failed", rf"pam_\w+\(sshd:auth\): authentication failure; {_PAM_FACTS}$"),
        ("pam-failed", rf"PAM \d+ more authentication failures?; {_PAM_FACTS}$"),
        ("pam-failed", rf"(?:error: )?PAM: .{{1,100}}? for {_INVALID}(?P<user>.*) from (?P<src_ip>\S{{1,255}})$"),
        ("pam-user-unknown", r"pam_\w+\(sshd:auth\): check pass; user unknown$"),
        ("session-opened", r"pam_\w+\(sshd:session\): session opened for user (?P<user>.*?)(?:\(uid=\d+\))? by .*$"),
        ("session-closed", r"pam_\w+\(sshd:session\): session closed for user (?P<user>.*)$"),
        ("listening", r"Server listening on \S+ port \d{1,5}\.$"),
        ("stopping", r"Received signal \d+; terminating\.$"),
    )
)  # fmt: skip


def parse(line: Line, host: str, zone: str) -> Observed:
    """What `line` says. Never raises: what nobody understands has the action `other`."""
    text = readable(line.data.removesuffix(b"\r"))
    fields: Fields = {"host": host, "program": "sshd", "message": text, "action": OTHER}
    head = syslog.split(text, read_at=line.read_at, zone_name=zone)
    claimed = None
    if head is not None:
        claimed = head.claimed
        fields |= {"host": head.host, "program": head.program, "message": head.message}
        if head.pid is not None:
            fields["pid"] = head.pid
        if head.unreadable_time:
            fields["time_flaw"] = "unreadable"
    message = str(fields["message"])
    if fields["program"] in PROGRAMS and len(message) <= _LONGEST:
        fields |= _understood(message)
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, text)


def _understood(message: str) -> Fields:
    fields: Fields = {}
    if repeated := _REPEATED.match(message):
        fields["repeated"] = int(repeated["repeated"])
        message = repeated["message"]
    # Written by the half of sshd that holds no privileges, before the peer has signed in.
    message = message.removesuffix(" [preauth]")
    for action, form in _FORMS:
        if found := form.match(message):
            fields["action"] = action if isinstance(action, str) else action(found)
            fields |= dict(_named(found))
            if _is_ambiguous(found):
                fields["ambiguous"] = True
            break
    return fields


def _named(found: re.Match[str]) -> Iterator[tuple[str, str | int | bool]]:
    """The fields that a form names."""
    parts = found.groupdict()
    for name in ("src_ip", "method", "key"):
        if parts.get(name):
            yield name, parts[name]
    if parts.get("src_port"):
        yield "src_port", int(parts["src_port"])
    if parts.get("user") is not None:
        yield "user", parts["user"]
        yield "invalid_user", bool(parts.get("invalid")) or parts.get("standing") == "invalid" or _says_invalid(found)


def _says_invalid(found: re.Match[str]) -> bool:
    return found.string.startswith(("Invalid user", "Illegal user"))


def _is_ambiguous(found: re.Match[str]) -> bool:
    """Whether a stranger's text behind the address holds another address: then either may be the true one."""
    if "src_ip" not in found.re.groupindex or "user" not in found.re.groupindex:
        return False
    return _AGAIN.search(found.string, found.end("src_ip")) is not None
