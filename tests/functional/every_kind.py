"""A rule of the bureau's own for the kind of incident that none of ours watches for: then each of the six is."""

from tests.functional.house import House

RULE = """\
title: Transfers of the bureau's own
id: 00000005-0000-4000-8000-000000000000
name: own_kind_5
status: stable
description: Watches for what never happens, so that this kind is watched for.
author: test
logsource:
  product: linux
  service: sshd
detection:
  accepted:
    action: password-accepted
    user|cased: never-5
  condition: accepted
level: medium
senim:
  kind: 5
  target: host
  actor: src_ip
  account: user
"""


def watch_for_every_kind(house: House) -> None:
    """Give the founded `house` the rule."""
    folder = house.home / "rules" / "sshd"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kind-5.yml").write_text(RULE, encoding="utf-8")
