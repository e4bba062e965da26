"""Searching: what is found is what the filter says and never more, in pages without gaps, within bounds."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senim.history import history
from senim.history.errors import HistoryAbsent, HistoryUnreadable, SearchesBusy, TooManyEvents, UnknownEvent
from senim.history.events import Event
from senim.history.filters import Filter
from senim.history.history import History
from senim.history.internal import walk
from senim.history.internal.table import TABLE, Table
from senim.kit.instance import Instance, Profile
from tests.history.writing import ALL, MORNING, frame, rows

pytestmark = pytest.mark.clause("R228/81-2")

NASTY = [
    "'",
    "''",
    "\\'",
    "' OR 1=1 --",
    "'; DROP TABLE events; --",
    "%",
    "_",
    "100%_sure",
    "\\",
    "\\\\x27",
    "X'27'",
    '"user"',
    "*",
    "a*b",
    "$1",
    "{0}",
    "%s",
    "Әліпби «қазақша»",
    "ПРОПИСНЫЕ",
    "İstanbul ß ﬁ",
    "\u202e\u0000\ud83d\ude00".encode("utf-8", "replace").decode(),
    "line\nbreak\ttab",
    "⁠‍zero",
]


def home_in(folder: Path) -> Instance:
    instance = Instance(folder, Profile.DEMONSTRATION, {})
    instance.state(history.PROCESS).mkdir(parents=True, exist_ok=True)
    return instance


def kept(instance: Instance, found: list[Event]) -> History:
    Table(instance.state(history.PROCESS)).append(found)
    return History(instance)


def row(number: int, **fields: str) -> Event:
    (made,) = rows(frame(number, ["a line"]))
    return msgspec.structs.replace(made, **fields)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Events that say, in each of their fields, what could break a question."""
    found = [
        row(number, user=text, host=text, address=text, action=text, text=text) for number, text in enumerate(NASTY, 1)
    ]
    return kept(home_in(tmp_path_factory.mktemp("nasty")), found)


def asked(**words: str) -> Filter:
    return msgspec.structs.replace(ALL, **words)


@pytest.mark.refusal
@pytest.mark.parametrize("name", ["user", "host", "address", "action"])
@pytest.mark.parametrize("text", [text for text in NASTY if not text.endswith("*")])
def test_a_name_is_sought_as_it_stands_whatever_stands_in_it(nasty: History, name: str, text: str) -> None:
    found = nasty.page(asked(**{name: text})).events
    assert [getattr(event, name) for event in found] == [text]


@pytest.mark.refusal
@pytest.mark.parametrize("text", NASTY)
def test_words_are_sought_as_they_stand(nasty: History, text: str) -> None:
    found = {event.text for event in nasty.page(asked(text=text)).events}
    assert found == {other for other in NASTY if text.lower() in other.lower()}


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=30), name=st.sampled_from(["user", "source", "text", "host"]))
def test_no_text_makes_a_search_find_more_or_fail(nasty: History, text: str, name: str) -> None:
    found = nasty.page(asked(**{name: text})).events
    assert all(event.source == "sshd" for event in found)
    if name != "text" and not text.endswith("*"):
        assert all(getattr(event, name) == text for event in found)


def test_a_star_at_the_end_says_how_a_name_begins(tmp_path: Path) -> None:
    hosts = ["gate-1", "gate-2", "GATE-1", "a-gate-1", "gate"]
    found = kept(home_in(tmp_path), [row(number, host=host) for number, host in enumerate(hosts, 1)])
    assert {event.host for event in found.page(asked(host="gate-*")).events} == {"gate-1", "gate-2"}
    assert {event.host for event in found.page(asked(host="gate")).events} == {"gate"}
    assert len(found.page(asked(host="*")).events) == 5


def test_letters_are_sought_whatever_their_case_in_all_our_alphabets(tmp_path: Path) -> None:
    found = kept(home_in(tmp_path), [row(1, text="Қате құпиясөз: ӘСЕЛ"), row(2, text="Неверный пароль")])
    assert [event.seq for event in found.page(asked(text="әсел")).events] == [1]
    assert [event.seq for event in found.page(asked(text="ПАРОЛЬ")).events] == [2]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> History:
    """130 events of two sources over two days, read in one go; several at the same moment."""
    instance = home_in(tmp_path_factory.mktemp("night"))
    web = [
        msgspec.structs.replace(one, at=MORNING + timedelta(hours=one.seq // 3))
        for one in rows(frame(1, ["w"] * 60, source="web"))
    ]
    ssh = [
        msgspec.structs.replace(one, at=MORNING + timedelta(minutes=20 * one.seq)) for one in rows(frame(1, ["s"] * 70))
    ]
    return kept(instance, [*web, *ssh])


def every(found: History, wanted: Filter, size: int) -> Iterator[tuple[str, int]]:
    after = None
    while True:
        page = found.page(wanted, after, size=size)
        assert page.is_whole
        yield from ((event.source, event.seq) for event in page.events)
        after = page.after
        if after is None:
            return


@pytest.mark.parametrize("size", [1, 7, 50, 200])
def test_pages_follow_each_other_without_gap_or_repetition(night: History, size: int) -> None:
    listed = list(every(night, ALL, size))
    assert len(listed) == len(set(listed)) == 130
    moments = [event.at for event in night.page(ALL, size=200).events]
    assert moments == sorted(moments, reverse=True)


def test_the_begin_is_included_and_the_end_is_not(night: History) -> None:
    hour = MORNING + timedelta(hours=2)
    found = {event.at for event in night.page(Filter(hour, hour + timedelta(minutes=20))).events}
    assert found == {hour}
    assert MORNING + timedelta(hours=2, minutes=20) in {
        event.at for event in night.page(Filter(hour, hour + timedelta(minutes=20, microseconds=1))).events
    }


def test_bars_count_what_the_list_shows(night: History) -> None:
    width, bars = timedelta(hours=4), 8
    counted = night.histogram(Filter(MORNING, MORNING + width * bars), MORNING, width, bars)
    assert counted.is_whole
    for number in range(bars):
        since = MORNING + width * number
        listed = [event.source for event in night.page(Filter(since, since + width), size=200).events]
        assert {name: counts[number] for name, counts in counted.counts.items() if counts[number]} == {
            name: listed.count(name) for name in set(listed)
        }


def test_when_time_is_up_it_says_how_far_it_came_and_goes_on_from_there(
    night: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_PATIENCE", 0.0)
    monkeypatch.setattr(walk, "_FIRST", timedelta(hours=1))
    found: list[tuple[str, int]] = []
    wanted = ALL
    for _ in range(200):
        page = night.page(wanted)
        assert all(event.at >= page.searched_since for event in page.events)
        found += [(event.source, event.seq) for event in page.events]
        if page.is_whole:
            break
        wanted = wanted.narrowed(wanted.since, page.searched_since)
    assert len(found) == len(set(found)) == 130


def test_one_event_is_the_very_line(tmp_path: Path) -> None:
    lines = [b"plain", b"\xff\x00broken\r", "Әсел".encode(), b""]
    instance = home_in(tmp_path)
    kept(instance, rows(frame(1, lines)))
    found = [History(instance).one("sshd", "e1", number) for number in range(1, 5)]
    assert [event.line for event in found] == lines
    assert [event.raw is None for event in found] == [True, False, True, True]
    for place in (("sshd", "e1", 5), ("sshd", "e2", 1), ("web", "e1", 1), ("' OR 1=1 --", "e1", 1)):
        with pytest.raises(UnknownEvent):
            History(instance).one(*place)


def test_an_export_is_whole_or_refused(night: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_CHUNK", 40)
    monkeypatch.setattr(history, "MOST_EXPORTED", 130)
    assert len(list(night.export(ALL))) == 130
    monkeypatch.setattr(history, "MOST_EXPORTED", 129)
    with pytest.raises(TooManyEvents):
        night.export(ALL)


def test_where_there_is_no_history_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(HistoryAbsent):
        History(home_in(tmp_path)).page(ALL)


def test_a_file_that_is_gone_is_no_empty_answer(tmp_path: Path) -> None:
    instance = home_in(tmp_path)
    found = kept(instance, rows(frame(1, ["a line"])))
    for path in (instance.state(history.PROCESS) / TABLE).rglob("*.parquet"):
        path.unlink()
    with pytest.raises(HistoryUnreadable):
        found.page(ALL)


def test_more_searches_than_we_allow_are_told_to_come_again(night: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_QUEUE", 0.01)
    with contextlib.ExitStack() as others:
        for _ in range(history._AT_ONCE):
            others.enter_context(history._turn())
        with pytest.raises(SearchesBusy):
            night.page(ALL)
    assert night.page(ALL).events
