"""The pages: all messages, one message, whether the event feed is whole, and nothing there."""

import datetime
import json
from collections.abc import Iterable
from urllib.parse import urlencode

from stand_ins.asoi import checkpoint
from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.completeness import Chain, Span
from stand_ins.asoi.page.html import Markup, join, tag
from stand_ins.asoi.page.words import LANGUAGES, Words
from stand_ins.asoi.store import Received

PER_PAGE = 50


def list_page(messages: list[Received], count: int, behaviour: Behaviour, words: Words) -> Markup:
    """`messages`, newest first, out of `count`; how the stand-in behaves."""
    body = [_behaviour(behaviour, words), tag("p", tag("a", words["feed"], href=link("/feed", words)))]
    heading = tag("h2", words["received"], " ", tag("span", str(count), class_="count"), id="received")
    if not messages:
        body.append(tag("section", heading, tag("p", words["none"], class_="card quiet")))
    else:
        table = tag(
            "table",
            _head(words),
            tag("tbody", *(_row(m, words) for m in messages), role="rowgroup"),
            role="table",
            aria_labelledby="received",
        )
        body.append(tag("section", heading, table))
    if messages and messages[-1].number > 1:
        older = link("/", words, before=str(messages[-1].number))
        body.append(tag("p", tag("a", words["older"], href=older, rel="next")))
    return _page(words["title"], join(*body), words, here="/")


def message_page(one: Received, words: Words) -> Markup:
    """One message: what it says, its receipt, the checkpoint it carried, its files."""
    here = f"/messages/{one.message.id}"
    files = [("as sent", "sealed.p7m"), ("as signed", "content.json"), ("receipt file", "receipt.p7m")]
    links = [tag("li", tag("a", words[name], href=f"{here}/{file}")) for name, file in files]
    body = join(
        tag("p", tag("a", "← ", words["back"], href=link("/", words))),
        tag("h2", words[one.message.kind], " ", _exercise(one, words)),
        _facts(_message_facts(one, words)),
        _section("content", words, _code(one.content, words["content"])),
        _section("receipt", words, _code(one.receipt_content, words["receipt"])),
        _checkpoint(one, words),
        tag("section", tag("h3", words["files"]), tag("ul", *links, class_="files")),
    )
    return _page(f"{words[one.message.kind]} · {words['title']}", body, words, here=here)


def feed_page(found: list[Chain], words: Words) -> Markup:
    """Of every chain of batches of events, whether everything has come (R228/81-2)."""
    told = [_chain(chain, words) for chain in found] or [tag("p", words["no feed"], class_="card quiet")]
    body = join(
        tag("p", tag("a", "← ", words["back"], href=link("/", words))),
        tag("h2", words["feed"]),
        tag("p", words["feed is"], class_="quiet"),
        *told,
    )
    return _page(f"{words['feed']} · {words['title']}", body, words, here="/feed")


def not_found(words: Words) -> Markup:
    """Nothing here."""
    body = join(tag("h2", words["not found"]), tag("p", tag("a", words["back"], href=link("/", words))))
    return _page(words["not found"], body, words, here="/")


def link(path: str, words: Words, **query: str) -> str:
    """`path` in the language of `words`."""
    return f"{path}?{urlencode({**query, 'lang': words.language})}"


def _page(title: str, body: Markup, words: Words, here: str) -> Markup:
    languages = [
        tag(
            "a",
            name,
            href=f"{here}?lang={code}",
            lang=code,
            hreflang=code,
            aria_current="true" if code == words.language else False,
        )
        for code, name in LANGUAGES.items()
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="stylesheet", href="/style.css"),
    )
    header = tag(
        "header",
        tag("a", words["to content"], href="#content", class_="skip"),
        tag("div", tag("h1", words["title"]), tag("nav", *languages, aria_label=words["language"]), class_="bar"),
        tag("p", words["warning"], class_="warning", role="note"),
    )
    whole = tag("html", head, tag("body", header, tag("main", body, id="content", tabindex="-1")), lang=words.language)
    return join(Markup("<!doctype html>\n"), whole)


def _behaviour(behaviour: Behaviour, words: Words) -> Markup:
    facts: list[tuple[str, str]] = []
    if behaviour.mode.takes_delay:
        facts.append((words["delay"], f"{behaviour.delay:g}"))
    if behaviour.times_left is not None:
        facts.append((words["times left"], str(behaviour.times_left)))
    if behaviour.until is not None:
        facts.append((words["until"], words.moment(behaviour.until)))
    state = "good" if behaviour.mode is Mode.WELL else "bad"
    said = tag("p", tag("span", behaviour.mode, class_=f"badge {state}", lang="en"), " ", words.mode(behaviour.mode))
    return tag(
        "section", tag("h2", words["behaviour"]), tag("div", said, _facts(facts) if facts else "", class_="card")
    )


_COLUMNS = ("time", "sender", "kind", "about", "size", "sha-256", "again")


def _head(words: Words) -> Markup:
    names = ["SHA-256" if name == "sha-256" else words[name] for name in _COLUMNS]
    cells = [tag("th", name, scope="col", role="columnheader") for name in names]
    return tag("thead", tag("tr", *cells, role="row"), role="rowgroup")


def _row(one: Received, words: Words) -> Markup:
    said = one.message
    again = join(str(one.delivered_again))
    if one.conflicts:
        again = join(again, " ", tag("span", f"{words['conflicts']}: {one.conflicts}", class_="badge bad"))
    kind = tag("a", words[said.kind], href=link(f"/messages/{said.id}", words))
    cells = {
        words["time"]: _moment(one.received_at, words),
        words["sender"]: join(said.sender_name, " ", tag("span", said.sender_bin, class_="quiet")),
        words["kind"]: join(kind, " ", _exercise(one, words)),
        words["about"]: tag("code", said.about, f" #{said.sequence}"),
        words["size"]: tag("span", words.size(len(one.sealed)), class_="whole"),
        "SHA-256": tag("code", f"{said.sha256[:16]}…", title=said.sha256, class_="whole"),
        words["again"]: again,
    }
    return tag(
        "tr", *(tag("td", tag("div", cell), data_label=name, role="cell") for name, cell in cells.items()), role="row"
    )


def _message_facts(one: Received, words: Words) -> list[tuple[str, str]]:
    said = one.message
    facts: list[tuple[str, str]] = [
        (words["id"], tag("code", str(said.id))),
        (words["time"], _moment(one.received_at, words)),
        (words["made at"], _moment(said.made_at, words)),
        (words["sender"], f"{said.sender_name}, {words['bin']} {said.sender_bin}"),
        (words["recipient"], said.recipient),
        (words["purpose"], said.purpose),
        (words["about"], tag("code", said.about)),
        (words["sequence"], str(said.sequence)),
        (words["exercise"], words.flag(said.exercise)),
        (words["size"], words.size(len(one.sealed))),
        ("SHA-256", tag("code", said.sha256)),
        (words["again"], str(one.delivered_again)),
        (words["conflicts"], str(one.conflicts)),
    ]
    if said.corrects is not None:
        other = tag("a", str(said.corrects), href=link(f"/messages/{said.corrects}", words))
        facts.append((words["corrects"], tag("code", other)))
    return facts


def _chain(chain: Chain, words: Words) -> Markup:
    state = tag(
        "span", words["whole" if chain.is_whole else "not whole"], class_=f"badge {'good' if chain.is_whole else 'bad'}"
    )
    mark = tag("span", words["exercise"], class_="badge exercise") if chain.exercise else Markup()
    facts = [
        (words["sender"], f"{words['bin']} {chain.sender_bin}"),
        (words["batches"], str(chain.batches)),
        (words["events"], str(chain.events)),
        (words["complete up to"], str(chain.complete_up_to)),
        (words["missing events"], _spans(chain.missing_events)),
        (words["missing batches"], _spans(chain.missing_batches)),
        (words["wrong batches"], _spans((number, number) for number in chain.wrong)),
        (words["lost lines"], str(chain.lost_lines)),
    ]
    heading = tag("h3", tag("code", chain.about), " ", mark)
    return tag("section", heading, tag("div", tag("p", state), _facts(facts), class_="card"))


def _spans(spans: Iterable[Span]) -> str:
    return ", ".join(f"{first}–{last}" if last > first else str(first) for first, last in spans) or "–"


def _facts(facts: list[tuple[str, str]]) -> Markup:
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in facts), class_="facts")


def _section(name: str, words: Words, *body: Markup) -> Markup:
    return tag("section", tag("h3", words[name]), tag("p", words[f"{name} is"], class_="quiet"), *body)


def _code(content: bytes, name: str) -> Markup:
    text = json.dumps(json.loads(content), ensure_ascii=False, indent=2)
    return tag("pre", tag("code", text), tabindex="0", role="region", aria_label=name)


def _checkpoint(one: Received, words: Words) -> Markup:
    note = one.message.checkpoint
    read = checkpoint.parse(note) if note else None
    if note is None or read is None:
        return tag("section", tag("h3", words["checkpoint"]), tag("p", words["no checkpoint"], class_="quiet"))
    text = tag("pre", tag("code", note), tabindex="0", role="region", aria_label=words["checkpoint"])
    return _section("checkpoint", words, _facts([(words["rows"], str(read.size))]), text)


def _exercise(one: Received, words: Words) -> Markup:
    return tag("span", words["exercise"], class_="badge exercise") if one.message.exercise else Markup()


def _moment(moment: datetime.datetime, words: Words) -> Markup:
    return tag("time", words.moment(moment), datetime=moment.isoformat())
