"""A flood for tests: a rule of the bureau's own that grades refused passwords as denial of service, and its lines."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from senim.kit.clock import iso
from tests.functional.house import House

RULE = """
title: Test flood, one request
id: 0198a000-0000-7000-8000-000000000001
name: test_flood_request
status: test
description: A password refused for the account that the tests flood.
author: Senim
logsource:
  product: linux
  service: sshd
detection:
  refused:
    action: password-failed
    user|startswith: 'flood'
  condition: refused
level: informational
---
title: Test flood
id: 0198a000-0000-7000-8000-000000000002
name: test_flood
status: test
description: Two requests from one address within an hour.
author: Senim
correlation:
  type: event_count
  rules:
    - test_flood_request
  group-by:
    - host
    - src_ip
  timespan: 1h
  condition:
    gte: 2
level: high
senim:
  kind: 3
  target: host
  actor: src_ip
"""


def watch_for_floods(house: House) -> None:
    """Give the founded `house` the rule."""
    folder = house.home / "rules" / "sshd"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flood.yml").write_text(RULE, encoding="utf-8")


def requests(host: str, addresses: int, each: int, since: datetime, *, first: int = 0) -> Iterator[str]:
    """`each` requests from each of so many addresses, counted from `first`, a millisecond apart."""
    for number in range(addresses * each):
        at = iso(since + timedelta(milliseconds=number))
        place = first + number // each
        address = f"198.18.{place // 250}.{place % 250 + 1}"
        yield f"{at} {host} sshd[9]: Failed password for flood from {address} port 4242 ssh2\n"


def break_in(host: str, user: str, address: str, since: datetime) -> Iterator[str]:
    """Five refused passwords and an accepted one."""
    for number in range(6):
        at = iso(since + timedelta(milliseconds=number))
        what = "Failed" if number < 5 else "Accepted"
        yield f"{at} {host} sshd[9]: {what} password for {user} from {address} port 4242 ssh2\n"
