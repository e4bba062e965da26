"""Rules for tests: written to a folder as a person would write them, and loaded from there."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import yaml

from senim.detection.internal.predicates import Seen, Value
from senim.detection.internal.ruleset import Ruleset, load

_NAMES = uuid5(NAMESPACE_DNS, "rules.tests")
HEADER = {"level": "low", "logsource": {"product": "linux", "service": "sshd"}}


def rule_id(name: str) -> str:
    """The identifier of the test rule `name`."""
    return str(uuid5(_NAMES, name))


def base(name: str, detection: Mapping[str, Any] | str, **more: Any) -> dict[str, Any]:
    """A rule of single events; `detection` may be YAML."""
    parsed = yaml.safe_load(dedent(detection)) if isinstance(detection, str) else dict(detection)
    return {"title": name, "id": rule_id(name), "name": name, **HEADER, "detection": parsed, **more}


def correlation(name: str, **asked: Any) -> dict[str, Any]:
    """A correlation; `group_by` stands for `group-by`, `senim` and `level` for attributes of the rule itself."""
    own = {key: asked.pop(key) for key in ("senim", "level") if key in asked}
    written = {key.replace("_", "-"): value for key, value in asked.items()}
    return {"title": name, "id": rule_id(name), "name": name, "level": "high", **own, "correlation": written}


def written(folder: Path, *rules: Mapping[str, Any] | str, file: str = "sshd/rules.yml") -> Ruleset:
    """`rules` as one file in `folder`, loaded."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n---\n".join(r if isinstance(r, str) else yaml.safe_dump(r, sort_keys=False) for r in rules))
    return load({"test": folder})


def reason(rules: Ruleset) -> str:
    """Why the one refused rule is refused."""
    (refused,) = rules.refused
    return refused.reason


def fits(folder: Path, detection: str, text: str = "", **fields: Value) -> bool:
    """Whether an event with `fields` and `text` fits a rule with the selection `detection` (YAML)."""
    whole = detection if "condition:" in detection else f"s:\n{indent(dedent(detection).strip(), '  ')}\ncondition: s"
    rules = written(folder, base("tried", whole))
    assert rules.refused == []
    return rules.bases[rule_id("tried")].test(Seen(fields, text))
