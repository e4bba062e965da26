"""What rules of single events fit, and what they do not."""

from pathlib import Path

import pytest

from tests.detection.writing import base, fits, reason, written

FITTING = [
    # strings: case does not count, the whole value does
    ("user: Root", {"user": "ROOT"}, True),
    ("user: root", {"user": "rooted"}, False),
    ("user|cased: root", {"user": "root"}, True),
    ("user|cased: root", {"user": "Root"}, False),
    ("user: ''", {"user": ""}, True),
    ("user: ''", {"user": "x"}, False),
    ("user: root", {}, False),
    # wildcards and escapes
    ("path: '/etc/*/ssh?_config'", {"path": "/etc/a/b/sshd_config"}, True),
    ("path: '/etc/*/ssh?_config'", {"path": "/etc/a/b/ssh_config"}, False),
    ("path: 'a*b*c'", {"path": "aXbYbZc"}, True),
    ("path: 'ab*ba'", {"path": "aba"}, False),
    ("path: '*?*'", {"path": ""}, False),
    ("path: '*'", {"path": ""}, True),
    ("path: '*'", {}, False),
    (r"path: 'a\*b'", {"path": "a*b"}, True),
    (r"path: 'a\*b'", {"path": "axb"}, False),
    (r"path: 'C:\\*'", {"path": "C:\\windows"}, True),
    (r"path: 'a\\\?b'", {"path": "a\\?b"}, True),
    ("path: 'a?c'", {"path": "a\nc"}, True),
    # modifiers
    ("m|contains: FAIL", {"m": "it failed"}, True),
    ("m|contains: fail", {"m": "fine"}, False),
    ("m|contains|cased: Fail", {"m": "failed"}, False),
    ("m|startswith: it", {"m": "It failed"}, True),
    ("m|startswith: failed", {"m": "it failed"}, False),
    ("m|endswith: ED", {"m": "it failed"}, True),
    ("m|endswith: it", {"m": "it failed"}, False),
    ("m|contains: [x, fail]", {"m": "failed"}, True),
    ("m|contains|all: [it, fail]", {"m": "it failed"}, True),
    ("m|contains|all: [it, won]", {"m": "it failed"}, False),
    ("m|neq: root", {"m": "bob"}, True),
    ("m|neq: root", {"m": "ROOT"}, False),
    ("m|re: 'f.il(ed)?$'", {"m": "it failed"}, True),
    ("m|re: '^f.il'", {"m": "it failed"}, False),
    ("m|re: 'FAIL'", {"m": "it failed"}, False),
    ("m|re|i: 'FAIL'", {"m": "it failed"}, True),
    ("ip|cidr: 10.0.0.0/8", {"ip": "10.255.0.1"}, True),
    ("ip|cidr: 10.0.0.0/8", {"ip": "11.0.0.0"}, False),
    ("ip|cidr: 10.0.0.0/8", {"ip": "::ffff:10.1.2.3"}, True),
    ("ip|cidr: '2001:db8::/32'", {"ip": "2001:db8::1"}, True),
    ("ip|cidr: '2001:db8::/32'", {"ip": "10.0.0.1"}, False),
    ("ip|cidr: 10.0.0.0/8", {"ip": "no address"}, False),
    ("port: 22", {"port": 22}, True),
    ("port: 22", {"port": "22"}, True),
    ("port: 22", {"port": 2222}, False),
    ("port: 1", {"port": True}, False),
    ("port|gte: 1024", {"port": 1024}, True),
    ("port|gte: 1024", {"port": 1023}, False),
    ("port|gt: 1024", {"port": 1024}, False),
    ("port|lt: 1024", {"port": "80"}, True),
    ("port|lte: 80", {"port": 80}, True),
    ("port|lte: 80", {"port": 81}, False),
    ("port|lt: 1024", {"port": "ssh"}, False),
    ("port|lt: 1024", {}, False),
    ("invalid: true", {"invalid": True}, True),
    ("invalid: true", {"invalid": False}, False),
    ("user|exists: true", {"user": ""}, True),
    ("user|exists: true", {}, False),
    ("user|exists: false", {}, True),
    ("user: null", {}, True),
    ("user: null", {"user": "x"}, False),
    ("user|fieldref: owner", {"user": "A", "owner": "a"}, True),
    ("user|fieldref: owner", {"user": "a", "owner": "b"}, False),
    ("user|fieldref: owner", {}, False),
    ("path|fieldref|startswith: home", {"path": "/home/a/x", "home": "/home/a"}, True),
    ("path|fieldref|endswith: home", {"path": "/home/a/x", "home": "/home/a"}, False),
    ("m|base64offset|contains: foo", {"m": "xxZm9v"}, True),
    ("m|windash|contains: ' -x'", {"m": "a /x"}, True),
    # maps, lists of maps, lists of values
    ("{a: 1, b: 2}", {"a": 1, "b": 2}, True),
    ("{a: 1, b: 2}", {"a": 1, "b": 3}, False),
    ("[{a: 1}, {b: 2}]", {"b": 2}, True),
    ("[{a: 1}, {b: 2}]", {"a": 2, "b": 1}, False),
    ("a: [1, 2]", {"a": 2}, True),
]


@pytest.mark.parametrize(("selection", "fields", "expected"), FITTING)
def test_fields(tmp_path: Path, selection: str, fields: dict[str, str | int | bool], expected: bool) -> None:
    assert fits(tmp_path, selection, **fields) is expected


KEYWORDS = [
    ("[error, fatal]", "a Fatal end", True),
    ("[error, fatal]", "all is well", False),
    ("'bad*thing'", "a bad old thing happened", True),
    ("'bad*thing'", "a thing so bad", False),
    ("'|all': [one, two]", "two and one", True),
    ("'|all': [one, two]", "one", False),
    ("'|re': 'se[gk]fault'", "a segfault", True),
    ("4711", "pid 4711 died", True),
]


@pytest.mark.parametrize(("selection", "text", "expected"), KEYWORDS)
def test_keywords_are_looked_for_in_the_whole_text(tmp_path: Path, selection: str, text: str, expected: bool) -> None:
    assert fits(tmp_path, selection, text) is expected


CONDITIONS = [
    ("a and not b", {"x": 1}, True),
    ("a and not b", {"x": 1, "y": 1}, False),
    ("a or b", {"y": 1}, True),
    ("1 of sel*", {"z": 1}, True),
    ("1 of sel*", {"x": 1, "y": 1}, False),
    ("all of sel*", {"z": 1}, False),
    ("all of sel*", {"z": 1, "w": 1}, True),
    ("1 of them", {"w": 1}, True),
    ("not 1 of them", {"q": 1}, True),
    ("a and (b or not sel1)", {"x": 1, "z": 1}, False),
]


@pytest.mark.parametrize(("condition", "fields", "expected"), CONDITIONS)
def test_conditions(tmp_path: Path, condition: str, fields: dict[str, int], expected: bool) -> None:
    named = "a: {x: 1}\nb: {y: 1}\nsel1: {z: 1}\nsel2: {w: 1}\n"
    assert fits(tmp_path, f"{named}condition: {condition}", **fields) is expected


REFUSED = [
    ("s: {user|frobnicate: x}\ncondition: s", "Unknown modifier"),
    ("s: {user: x}\ncondition: t", "'t' not defined"),
    ("s: {user: x}\ncondition: 1 of t*", "names no detection"),
    ("s: {user: x}\ncondition: s and 1 of filter*", "names no detection"),
    ("s: {user: x}\ncondition: s | count() > 5", "deprecated"),
    ("s: {user: x}\ntimeframe: 5m\ncondition: s", "correlation rule"),
    ("s: {user: x}", "at least one condition"),
    ("condition: s", "No detections"),
    ("s: ['*']\ncondition: s", "occurs in every event"),
    ("s: ['']\ncondition: s", "occurs in every event"),
    ("s: {'|startswith': x}\ncondition: s", "need a field"),
    ("s: {user|expand: '%admins%'}\ncondition: s", "%admins%"),
    ("s: {at|hour: 3}\ncondition: s", "SigmaTimestampPart"),
    ("s: {ip|cidr: 10.0.0.300/8}\ncondition: s", "Invalid CIDR"),
    ("s: {m|re: '('}\ncondition: s", "invalid"),
    ("s: {m|re: '(a+)+$'}\ncondition: s", "exponentially many steps"),
    ("s: {port|lt: many}\ncondition: s", "incompatible"),
]


@pytest.mark.parametrize(("detection", "why"), REFUSED)
def test_what_cannot_be_carried_out_is_refused_with_the_reason(tmp_path: Path, detection: str, why: str) -> None:
    rules = written(tmp_path, base("bad", detection), base("good", "s: {user: x}\ncondition: s"))
    assert why in reason(rules)
    assert [about.title for about in rules.loaded] == ["good"]
