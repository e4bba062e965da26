"""What detection can say about its own good order: whether it sees at all, and what it cannot see.

Clauses: R228/81-1 (an item that no rule watches for is not detected).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.detection import coverage, places, queries, rulefiles
from senim.detection.coverage import View
from senim.detection.models import RuleStatus
from senim.detection.rulefiles import Difference
from senim.kit.checks import Asked, Check, Fault

SETTLES = timedelta(minutes=2)
"""Our choice: detection writes how its rules stand within seconds of its start; only what lasts wakes somebody."""
_NAMED = 5
"""Of many files, how many are named."""


def _rules(_asked: Asked) -> Iterator[Fault]:
    known = queries.rules()
    if not known.filter(state=RuleStatus.State.LOADED).exists():
        remedy = _("Detection has not started: look at its log on the machine")
        yield Fault(_("No detection rule is in use"), remedy, is_known=False)
    elif number := known.filter(state=RuleStatus.State.REFUSED).count():
        what = ngettext(
            "%(number)s detection rule is refused and watches for nothing",
            "%(number)s detection rules are refused and watch for nothing",
            number,
        )
        yield Fault(what % {"number": number}, _("On the machine, senim rules says which and why"))
    yield from _differences(rulefiles.since_loaded())


def _differences(found: Mapping[str, Difference]) -> Iterator[Fault]:
    """Rule files that are not as they were read, or seen."""
    remedy = _("If that was meant, start detection again and it takes effect; if not, find out who did it")
    for how in Difference:
        if files := [file for file, what in found.items() if what is how]:
            named = ", ".join(files[:_NAMED]) + (" …" if len(files) > _NAMED else "")
            what = {
                Difference.ADDED: ngettext(
                    "%(number)s rule file was added and is not in use yet: %(files)s",
                    "%(number)s rule files were added and are not in use yet: %(files)s",
                    len(files),
                ),
                Difference.CHANGED: ngettext(
                    "%(number)s rule file was changed since detection read it: %(files)s",
                    "%(number)s rule files were changed since detection read them: %(files)s",
                    len(files),
                ),
                Difference.REMOVED: ngettext(
                    "%(number)s rule file was removed since detection read it: %(files)s",
                    "%(number)s rule files were removed since detection read them: %(files)s",
                    len(files),
                ),
            }[how]
            yield Fault(what % {"number": len(files), "files": named}, remedy)


def _files(asked: Asked) -> Iterator[Fault]:
    """What detection itself has seen of the files, `_rules` says; this is what it has not seen."""
    lying_there = places.digests(places.folders(asked.instance))
    yield from _differences(rulefiles.differences(rulefiles.seen(), lying_there))


def _kinds(asked: Asked) -> Iterator[Fault]:
    """Where no rule is in use at all, `_rules` says so."""
    found = coverage.kinds(asked.instance, asked.now)
    ruleless = [kind.number for kind in found if not kind.watchers and kind.view is View.BLIND]
    blind = [kind.number for kind in found if kind.watchers and kind.view is View.BLIND]
    unknown = [kind.number for kind in found if kind.watchers and kind.view is View.UNKNOWN]
    if ruleless:
        what = ngettext(
            "No rule in use watches for %(number)s kind of incident: %(kinds)s",
            "No rule in use watches for %(number)s kinds of incident: %(kinds)s",
            len(ruleless),
        )
        remedy = _("What nobody watches for is not detected; senim rules says which rules there are")
        yield Fault(what % _named(ruleless), remedy)
    remedy = _("The page Coverage and senim coverage say which sources its rules need and how they stand")
    if blind:
        what = ngettext(
            "The rules for %(number)s kind of incident see nothing: %(kinds)s",
            "The rules for %(number)s kinds of incident see nothing: %(kinds)s",
            len(blind),
        )
        yield Fault(what % _named(blind), remedy)
    if unknown:
        what = ngettext(
            "Nobody knows whether the rules for %(number)s kind of incident see anything: %(kinds)s",
            "Nobody knows whether the rules for %(number)s kinds of incident see anything: %(kinds)s",
            len(unknown),
        )
        yield Fault(what % _named(unknown), remedy, is_known=False)


def _named(numbers: Sequence[int]) -> dict[str, object]:
    return {"number": len(numbers), "kinds": ", ".join(f"R228/81-1({number})" for number in numbers)}


def _aside(_asked: Asked) -> Iterator[Fault]:
    if number := queries.set_aside().count():
        what = ngettext(
            "%(number)s frame of lines could not be analysed",
            "%(number)s frames of lines could not be analysed",
            number,
        )
        remedy = _("The list on the console says why; read those lines where they come from")
        yield Fault(what % {"number": number}, remedy)


CHECKS = (
    Check(
        "detection:rules",
        gettext_lazy("Detection rules"),
        gettext_lazy("Every detection rule is in use as its file has it."),
        _rules,
        wakes=SETTLES,
    ),
    Check(
        "detection:kinds",
        gettext_lazy("The six kinds of incident"),
        gettext_lazy("For each of the six kinds of incident a rule in use watches what is read and analysed."),
        _kinds,
        wakes=SETTLES,
    ),
    Check(
        "detection:aside",
        gettext_lazy("Lines that are analysed"),
        gettext_lazy("No frame of lines was set aside."),
        _aside,
        wakes=SETTLES,
    ),
)
AT_MACHINE = (
    Check(
        "detection:files",
        gettext_lazy("Rule files"),
        gettext_lazy("Rule files lie there as detection sees them."),
        _files,
    ),
)
