"""What a message about an incident says in words, in Kazakh and in Russian.

Written from the message's own body and nothing else, so that whoever reads the words reads what the fields say; they
stand inside the signed bytes beside the fields (R228/81-1).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from senim.clauses.model import Language
from senim.incidents.assessment import BREACHES, DATA, SEVERITIES, Breach, Data, Severity
from senim.kit.clock import from_iso
from senim.kit.moments import with_offset

LANGUAGES = (Language.KAZAKH, Language.RUSSIAN)
"""The regulator reads these two."""
_NAMED = 20
"""So many names stand in a sentence; all of them stand in the fields."""

Body = Mapping[str, Any]


def notice_in_words(body: Body) -> dict[str, str]:
    """What a first notice says: language → text of several lines."""
    return _in_each(body, _notice)


def update_in_words(body: Body) -> dict[str, str]:
    """What an update says: language → text of several lines."""
    return _in_each(body, _update)


def _in_each(body: Body, lines: Callable[[Body, Language], Iterator[str]]) -> dict[str, str]:
    told = {}
    for language in LANGUAGES:
        with override(language.value):
            told[language.value] = "\n".join(lines(body, language))
    return told


def _notice(body: Body, language: Language) -> Iterator[str]:
    yield from _head(_("Incident %(number)s: %(kind)s."), body, language)
    yield _("Detected on %(at)s.") % {"at": _at(body["detected_at"])}
    yield from _seen(body)
    yield from _parties({"targets": [body["target"]], "actors": [body["actor"]], "accounts": [body["account"]]})
    for outage in body["downtime"]:
        yield _outage(outage)
    yield from _graded(body["graded"])
    if body["split_from"]:
        yield _("Until now it was a part of incident %(number)s.") % body["split_from"]
    number = len(body["evidence"])
    lines = ngettext(
        "%(number)d line of the logs shows it; it stays with the bureau, its SHA-256 sum stands in this message.",
        "%(number)d lines of the logs show it; they stay with the bureau, their SHA-256 sums stand in this message.",
        number,
    )
    yield lines % {"number": number}


def _update(body: Body, language: Language) -> Iterator[str]:
    yield from _head(_("Incident %(number)s (%(kind)s): further information."), body, language)
    yield from _UPDATES[body["type"]](body["facts"], language)
    if body["assessment"]:
        yield from _assessment(body["assessment"])
    yield from _parties({role: [each["name"] for each in found] for role, found in body["added"].items()})
    yield from _seen(body)
    if body["reason"]:
        yield _("Reason: %(reason)s") % body


def _head(text: str, body: Body, language: Language) -> Iterator[str]:
    if body["exercise"]:
        yield _("An exercise: the attack was made on purpose, on ourselves.")
    yield text % {"number": body["number"], "kind": _kind(body["kind"], language)}


def _kind(kind: Body, language: Language) -> str:
    return f"{kind['title'][language.value]} ({kind['clause']})"


def _seen(body: Body) -> Iterator[str]:
    text = ngettext(
        "%(number)d event, from %(first)s to %(last)s.",
        "%(number)d events, from %(first)s to %(last)s.",
        body["events"],
    )
    moments = {"first": _at(body["first_event_at"]), "last": _at(body["last_event_at"])}
    yield text % {"number": body["events"], **moments}


def _parties(names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    texts = {
        "targets": _("Attacked: %(names)s."),
        "actors": _("The attack came from: %(names)s."),
        "accounts": _("Accounts concerned: %(names)s."),
    }
    for role, text in texts.items():
        if named := [name for name in names[role] if name]:
            yield text % {"names": _listed(named)}


def _listed(names: Sequence[str]) -> str:
    shown, more = ", ".join(names[:_NAMED]), len(names) - _NAMED
    if more <= 0:
        return shown
    rest = ngettext("%(names)s and %(number)d more", "%(names)s and %(number)d more", more)
    return rest % {"names": shown, "number": more}


def _outage(outage: Body) -> str:
    since, until = _at(outage["started_at"]), outage["ended_at"]
    if until is None:
        return _("%(service)s has not answered since %(since)s.") % {"service": outage["service"], "since": since}
    said = {"service": outage["service"], "since": since, "until": _at(until)}
    return _("%(service)s did not answer from %(since)s until %(until)s.") % said


def _graded(graded: Body) -> Iterator[str]:
    title = graded["rule_title"]
    if graded["by"] == "person":
        yield _("A person graded it.")
    else:
        yield _("Graded automatically, by the rule “%(rule)s”.") % {"rule": _(title)}


def _assessment(said: Body) -> Iterator[str]:
    yield _("Assessed as: %(severity)s.") % {"severity": SEVERITIES[Severity(said["severity"])]}
    if said["systems"]:
        yield _("Information systems concerned: %(names)s.") % {"names": _listed(said["systems"])}
    if said["data"]:
        yield _("Data concerned: %(names)s.") % {"names": ", ".join(str(DATA[Data(each)]) for each in said["data"])}
    if said["clients"] is None:
        yield _("Clients concerned: not known yet.")
    else:
        yield _("Clients concerned: %(clients)d.") % said
    yield _("Personal data: %(breach)s.") % {"breach": BREACHES[Breach(said["personal_data_breach"])]}


def _assessed(_facts: Body, _language: Language) -> Iterator[str]:
    yield _("It was assessed how grave it is and what it touches.")


def _closed(facts: Body, _language: Language) -> Iterator[str]:
    yield _("The incident is closed.")
    yield _("Cause: %(cause)s") % facts
    yield _("Measures taken: %(measures)s") % facts


def _downtime(facts: Body, _language: Language) -> Iterator[str]:
    said = {"began": _at(facts["began"]), "ended": _at(facts["ended"]), "minutes": facts["seconds"] // 60}
    yield _("Information systems were down from %(began)s until %(ended)s: %(minutes)d whole minutes.") % said


def _extent(_facts: Body, _language: Language) -> Iterator[str]:
    yield _("The attack goes further than was told before.")


def _kind_corrected(facts: Body, language: Language) -> Iterator[str]:
    said = {"before": _kind(facts["from"], language), "now": _kind(facts["to"], language)}
    yield _("Its kind is corrected: it was told as %(before)s, it is %(now)s.") % said


def _merged(facts: Body, _language: Language) -> Iterator[str]:
    yield _("It was a part of incident %(number)s; what follows is told of that one.") % facts["into"]


def _reinstated(_facts: Body, _language: Language) -> Iterator[str]:
    yield _("It was withdrawn, and is an incident after all.")


def _split(facts: Body, _language: Language) -> Iterator[str]:
    text = ngettext(
        "A part of it, %(alerts)d alert, is incident %(number)s of its own.",
        "A part of it, %(alerts)d alerts, is incident %(number)s of its own.",
        facts["alerts"],
    )
    yield text % {"alerts": facts["alerts"], "number": facts["into"]["number"]}


def _took_over(facts: Body, _language: Language) -> Iterator[str]:
    yield _("Incident %(number)s was a part of it.") % facts["merged"]


def _withdrawn(_facts: Body, _language: Language) -> Iterator[str]:
    yield _("It was no incident: what was told of it is withdrawn.")


def _at(moment: str) -> str:
    return with_offset(from_iso(moment))


_UPDATES: Mapping[str, Callable[[Body, Language], Iterator[str]]] = {
    "assessed": _assessed,
    "closed": _closed,
    "downtime": _downtime,
    "extent": _extent,
    "kind": _kind_corrected,
    "merged": _merged,
    "reinstated": _reinstated,
    "split": _split,
    "took-over": _took_over,
    "withdrawn": _withdrawn,
}
