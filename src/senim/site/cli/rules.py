"""`senim rules`: which detection rules are used, which are refused and why, and what they watch for."""

import sys
from collections import Counter

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.detection import rules as detection
from senim.detection.rules import About, Ruleset
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.language import speak


@click.command()
@json_wish
def rules(as_json: bool) -> None:
    """The detection rules as they lie on disk: ours and the bureau's own (HOME/rules).

    Read are *.yml and *.yaml there and in its folders; whatever else lies there is named as refused.

    Exit 1 where a rule is refused, 3 where there is no instance.
    """
    found = detection.read(Instance.load())
    speak()
    answer(_as_json(found), "\n".join(_as_lines(found)), as_json=as_json)
    sys.exit(Exit.WRONG if found.refused else Exit.DONE)


def _as_json(found: Ruleset) -> dict[str, object]:
    return {
        "loaded": [_rule(found, about) for about in found.loaded],
        "measured": [{"id": one.about.id, "title": one.about.title, "kind": one.kind} for one in found.measures],
        "refused": [
            {"file": one.file, "line": one.line, "id": one.id, "title": one.title, "reason": one.reason}
            for one in found.refused
        ],
        "kinds": {str(kind): count for kind, count in sorted(_kinds(found).items())},
        "telemetry": {kind: len(bases) for kind, bases in sorted(found.by_kind.items())},
    }


def _rule(found: Ruleset, about: About) -> dict[str, object]:
    base, correlation = found.bases.get(about.id), found.correlations.get(about.id)
    meaning = correlation.meaning if correlation else None
    return {
        "id": about.id,
        "title": about.title,
        "file": about.file,
        "line": about.line,
        "level": about.level,
        "telemetry": list(base.kinds) if base else [],
        "alerts": meaning is not None,
        "kind": meaning.kind if meaning else None,
    }


def _kinds(found: Ruleset) -> Counter[int]:
    meanings = [rule.meaning for rule in found.correlations.values()]
    kinds = [*(meaning.kind for meaning in meanings if meaning is not None), *(one.kind for one in found.measures)]
    return Counter(kind for kind in kinds if kind is not None)


def _graded(kind: int | None) -> str:
    if kind is None:
        return _("alerts, a person decides what it is")
    return _("alerts as R228/81-1(%(kind)d)") % {"kind": kind}


def _as_lines(found: Ruleset) -> list[str]:
    lines = []
    for about in found.loaded:
        correlation = found.correlations.get(about.id)
        meaning = correlation.meaning if correlation else None
        does = _("others are built on it") if meaning is None else _graded(meaning.kind)
        lines.append(f"{about.file}:{about.line}  {_(about.title)}: {does}")
    lines += [f"{one.about.file}:{one.about.line}  {_(one.about.title)}: {_graded(one.kind)}" for one in found.measures]
    for one in found.refused:
        named = " ".join(part for part in (_("REFUSED"), one.title or one.id) if part)
        lines.append(f"{one.file}:{one.line}  {named}: {one.reason}")
    count = len(found.loaded)
    lines.append(
        ngettext("%(count)d rule loaded", "%(count)d rules loaded", count) % {"count": count}
        + ", "
        + ngettext("%(count)d refused", "%(count)d refused", len(found.refused)) % {"count": len(found.refused)}
    )
    return lines
