"""What every web server's access line becomes: one request, one set of fields, whichever server wrote it.

Names of the W3C extended log format, as Sigma's rules for `category: webserver` have them: `c-ip`, `cs-method`,
`cs-uri-stem`, `cs-uri-query`, `cs-host`, `cs-username`, `cs-user-agent`, `cs-referer`, `cs-version`, `sc-status`,
`sc-bytes`, `time-taken` (ms). SigmaHQ's rules look for paths in `cs-uri-query` as often as for queries: it holds path
and query as requested. Beside them our own: `src_ip`, `host`, `action` (`request`; `request-malformed` where a server
found no request in what it was sent), `marker` (empty where the request wears none), and what spelling does not fool:

- `uri_decoded`: path and query, percent-decoded once;
- `uri_plain`: decoded twice, Unicode's look-alikes and overlong forms made plain, lower case, comments of SQL made
  blanks, blanks made one blank, `//` and `/./` made `/`. What is a comment to SQL may be carried out by another reader:
  where there is one, the same with its comments stands behind;
- `headers_plain`: user agent and referer, made plain likewise.

What a request carries in its body stands in no access log: whoever must see it asks the application (`door`).
Of a text longer than `LONGEST` characters, twice what nginx and Apache let a request line be, the beginning and the end
are looked at; `cut` says so.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from senim.kit.marker import marker_in
from senim.telemetry.parsers.observed import OTHER, Fields

LONGEST = 16 * 1024
REQUEST, MALFORMED = "request", "request-malformed"
_UNICODE = re.compile(r"%u([0-9a-fA-F]{4})")
_OVERLONG = {"%c0%ae": ".", "%c0%af": "/", "%c1%9c": "\\", "%e0%80%ae": ".", "%e0%80%af": "/", "%e0%80%a7": "'"}
_AN_OVERLONG = re.compile("|".join(_OVERLONG), re.IGNORECASE)
_EXECUTED = re.compile(r"!?\d{0,6}")
_TO_THE_END = re.compile("#|--")
_REPEATED = re.compile(r"/(?:\.?/)+")
_PLAINEST = re.compile(r"[A-Za-z0-9/?&=._~:@!$,;-]*")


@dataclass(frozen=True)
class Request:
    """One request as a server noted it; empty or None: the server did not say."""

    src_ip: str = ""
    method: str = ""
    target: str = ""
    """Path and query as they came."""
    version: str = ""
    status: int | None = None
    sent: int | None = None
    """Bytes of the answer."""
    milliseconds: int | None = None
    site: str = ""
    """The Host header."""
    user: str = ""
    """Whom the server itself signed in."""
    agent: str = ""
    referer: str = ""
    raw: str = ""
    """The request line itself, where it is none of HTTP."""


def fields_of(request: Request) -> Fields:
    """The fields of `request`; always with `action` and `marker`."""
    target = request.target or request.raw
    fields: Fields = {"action": _action(request)}
    fields |= {name: value for name, value in _told(request, target) if value is not None and value != ""}
    looked_at = (target, request.agent, request.referer)
    if any(len(text) > LONGEST for text in looked_at):
        fields["cut"] = True
    target, agent, referer = map(_looked_at, looked_at)
    decoded = decode(target)
    fields["uri_decoded"] = decoded
    fields["uri_plain"] = plain(target)
    if agent or referer:
        fields["headers_plain"] = plain(f"{agent} {referer}")
    fields["marker"] = marker_in(f"{decoded} {agent}")
    return fields


def _looked_at(text: str) -> str:
    half = LONGEST // 2
    return text if len(text) <= LONGEST else text[:half] + text[-half:]


def _action(request: Request) -> str:
    if not request.src_ip:
        return OTHER
    return REQUEST if request.method and request.target else MALFORMED


def _told(request: Request, target: str) -> tuple[tuple[str, str | int | None], ...]:
    return (
        ("src_ip", request.src_ip),
        ("c-ip", request.src_ip),
        ("cs-method", request.method),
        ("cs-uri-stem", target.partition("?")[0]),
        ("cs-uri-query", target),
        ("cs-uri", target),
        ("cs-version", request.version),
        ("cs-host", request.site),
        ("cs-username", request.user),
        ("cs-user-agent", request.agent),
        ("cs-referer", request.referer),
        ("sc-status", request.status),
        ("sc-bytes", request.sent),
        ("time-taken", request.milliseconds),
    )


def decode(text: str) -> str:
    """`text` with percent-escapes made characters, once; those of no UTF-8 stay told as U+FFFD."""
    if "%" not in text:
        return text
    text = _AN_OVERLONG.sub(lambda found: _OVERLONG[found[0].lower()], text)
    return unquote(_UNICODE.sub(lambda found: chr(int(found[1], 16)), text))


def plain(text: str) -> str:
    """What `text` says once every disguise that servers and databases see through is taken off."""
    if _PLAINEST.fullmatch(text):
        return _REPEATED.sub("/", text.lower())
    text = decode(decode(text)).replace("+", " ")
    text = unicodedata.normalize("NFKC", text)
    bare = without_comments(text)
    text = (bare if bare == text else f"{bare} {text}").lower()
    text = " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in text).split())
    return _REPEATED.sub("/", text)


def without_comments(text: str) -> str:
    """`text` with SQL's comments made blanks: `/* … */`, and `# …` and `-- …` up to the end of their line.

    Of MySQL's `/*! … */`, which is carried out, only the signs are. What no line follows ends nothing: it stays.
    """
    *lines, last = _without_blocks(text).split("\n")
    return "\n".join([*(_TO_THE_END.split(line, maxsplit=1)[0] for line in lines), last])


def _without_blocks(text: str) -> str:
    parts, place = [], 0
    while (start := text.find("/*", place)) >= 0:
        end = text.find("*/", start + 2)
        if end < 0:
            break
        inside = text[start + 2 : end]
        parts += [text[place:start], " ", _EXECUTED.sub("", inside, count=1) if inside.startswith("!") else "", " "]
        place = end + 2
    return "".join([*parts, text[place:]])


def number(text: object) -> int | None:
    """`text` as a whole number of a size that a log can mean; None where it is none."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text if 0 <= text < _BIGGEST else None
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= len(str(_BIGGEST)):
        return int(text)
    return None


_BIGGEST = 10**15


def request_line(text: str) -> tuple[str, str, str]:
    """Method, target and version of `GET /path HTTP/1.1`; three empty texts where it is none."""
    method, _, rest = text.partition(" ")
    target, _, version = rest.rpartition(" ")
    if method and target and version.startswith("HTTP/") and method.isascii() and method.isalpha():
        return method, target, version
    return "", "", ""
