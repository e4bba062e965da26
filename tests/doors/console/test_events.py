"""Events: found by those who may look, counted as they are listed, and what is missing said beside them."""

import csv
import hashlib
import io
import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.doors.console.histogram import stretches
from senim.history import history as asking
from senim.history.internal.table import Table
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.telemetry.frames import Frame
from senim.telemetry.models import Notice
from senim.telemetry.notices import NoticeKind
from senim.telemetry.operations import accept
from tests.doors.console.conftest import new_alert
from tests.history.writing import frame, rows
from tests.staff import new_staff

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2")]
HALF_AN_HOUR_AGO = now() - timedelta(minutes=30)
FAILED = "Failed password for aigerim from 203.0.113.24 port {} ssh2"
ACCEPTED = "Accepted password for aigerim from 203.0.113.24 port 55122 ssh2"


@pytest.fixture
def client() -> Client:
    return new_staff(Role.ANALYST).signs_in()


def keep(history: Table, *frames: Frame) -> None:
    for one in frames:
        accept(one)
        history.append(rows(one))


@pytest.fixture
def night(history: Table) -> None:
    """Sixty refused passwords and one that was accepted; a line that is no text; another source."""
    tried = [FAILED.format(50000 + number) for number in range(60)]
    keep(
        history,
        frame(1, [*tried, ACCEPTED, b"\xff\x00"], at=HALF_AN_HOUR_AGO),
        frame(1, ['{"tag":"identity:session:started"}'], source="platform", kind="platform", at=HALF_AN_HOUR_AGO),
    )


def said(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def listed(client: Client, query: str) -> list[str]:
    """The lines of one page."""
    page = client.get(f"/en/events/?{query}").content.decode()
    return re.findall(r'<span class="clamp">(.*?)</span>', page, re.DOTALL)


@pytest.mark.usefixtures("night")
class TestSearching:
    """What is asked for is found, page after page."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", 63),
            ("last=1h", 63),
            ("last=15m", 0),
            ("source=platform", 1),
            ("action=password-accepted", 1),
            ("action=password-*", 61),
            ("user=aigerim", 61),
            ("user=Aigerim", 0),
            ("address=203.0.113.*", 61),
            ("address=203.0.113", 0),
            ("host=gate-1", 63),
            ("text=ACCEPTED+password", 1),
            ("text=%25", 0),
            ("user=%27+OR+1%3D1+--", 0),
            ("source=sshd&text=port+5000", 10),
        ],
    )
    def test_each_filter(self, client: Client, query: str, expected: int) -> None:
        assert f" {expected} event" in said(client, f"/en/events/?{query}")
        assert len(listed(client, query)) == min(expected, asking.PAGE)

    def test_the_next_page_goes_on_behind_the_last_event(self, client: Client) -> None:
        page = client.get("/en/events/?user=aigerim").content.decode()
        older = re.findall(r'href="(\?[^"]*after=[^"]*)"', page)[0].replace("&amp;", "&")
        assert set(listed(client, "user=aigerim")).isdisjoint(listed(client, older[1:]))
        assert len(listed(client, older[1:])) == 61 - asking.PAGE
        assert not re.search(r'href="[^"]*after=', client.get(f"/en/events/{older}").content.decode())

    def test_a_bar_leads_to_what_it_counts(self, client: Client) -> None:
        page = client.get("/en/events/?last=24h").content.decode()
        bars = re.findall(r'<a href="([^"]*)" tabindex="-1" aria-label="[^"]*; ([^"]*)"', page)
        assert bars
        for address, counted in bars:
            total = sum(int(part.rpartition(": ")[2]) for part in counted.split(", "))
            assert f" {total} event" in said(client, f"/en/events/{address.replace('&amp;', '&')}")

    def test_who_looks_for_somebody_leaves_a_row(self, client: Client) -> None:
        client.get("/en/events/?user=aigerim&text=Failed&source=sshd")
        (row,) = AuditRow.objects.filter(action=AuditAction.HISTORY_EVENTS_SEARCHED)
        assert row.actor_kind == "account"
        assert {name: row.detail[name] for name in ("user", "text", "source")} == {
            "user": "aigerim",
            "text": "Failed",
            "source": "sshd",
        }

    def test_looking_at_what_happened_leaves_none(self, client: Client) -> None:
        client.get("/en/events/?source=sshd&action=password-failed&last=1h")
        assert not AuditRow.objects.filter(action=AuditAction.HISTORY_EVENTS_SEARCHED).exists()

    def test_an_export_is_whole_and_remembered(self, client: Client) -> None:
        taken = json.loads(client.get("/en/events/?source=sshd&format=json").getvalue())
        assert len(taken) == 62
        by_number = {int(row["seq"]): row for row in taken}
        assert by_number[61]["text"] == ACCEPTED
        assert by_number[61]["sha256"] == hashlib.sha256(ACCEPTED.encode()).hexdigest()
        assert (by_number[61]["bytes"], by_number[62]["bytes"]) == (None, "/wA=")
        lines = list(csv.DictReader(io.StringIO(client.get("/en/events/?source=sshd&format=csv").getvalue().decode())))
        assert len(lines) == 62
        found = AuditRow.objects.filter(action=AuditAction.CONSOLE_LIST_EXPORTED)
        assert [row.detail["filters"] for row in found] == [{"source": "sshd"}] * 2

    @pytest.mark.refusal
    def test_an_export_beyond_its_bounds_is_refused_and_takes_nothing(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(asking, "MOST_EXPORTED", 61)
        answer = client.get("/en/events/?source=sshd&format=csv")
        assert answer.status_code == 400
        assert b"more events than one export may hold" in answer.content
        assert not AuditRow.objects.filter(action=AuditAction.CONSOLE_LIST_EXPORTED).exists()

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "query",
        [
            "last=1y",
            "since=yesterday",
            "since=2026-11-22T03:00&until=2026-11-22T03:00",
            "since=2026-11-22T03:00&until=2026-11-22T02:59",
            "after=1",
            "after=2026-11-22T03:00:00~a~b~1",
            "after=2026-11-22T03:00:00Z~a~b~-1",
            "after=2026-11-22T03:00:00Z~a~b~99999999999999999999",
            "format=xml",
        ],
    )
    def test_what_nobody_can_mean_is_refused(self, client: Client, query: str) -> None:
        assert client.get(f"/en/events/?{query}").status_code == 400


@pytest.mark.usefixtures("night")
class TestOneEvent:
    """The very line, and everything that belongs to it."""

    def test_it_is_shown_whole_with_its_neighbours_and_its_fields(self, client: Client) -> None:
        page = said(client, "/en/events/sshd/e1/61/")
        assert ACCEPTED in page
        assert hashlib.sha256(ACCEPTED.encode()).hexdigest() in page
        assert "password-accepted" in page
        assert FAILED.format(50059) in page
        assert "No alert cites this line." in page

    def test_bytes_that_are_no_text_are_written_out(self, client: Client) -> None:
        assert r"\xff\x00" in said(client, "/en/events/sshd/e1/62/")

    def test_alerts_that_cite_it_are_named(self, client: Client) -> None:
        place = {"source": "sshd", "epoch": "e1", "seq": 61}
        new_alert(evidence=[{**place, "at": "", "sha256": "", "text": ACCEPTED}])
        assert "Password accepted after many failures" in said(client, "/en/events/sshd/e1/61/")
        assert "No alert cites this line." in said(client, "/en/events/sshd/e1/60/")

    @pytest.mark.refusal
    @pytest.mark.parametrize("address", ["sshd/e1/63", "sshd/e2/61", "web/e1/61", f"sshd/e1/{9 * 10**30}", "sshd/e1/0"])
    def test_what_is_not_held_is_said_not_to_be(self, client: Client, address: str) -> None:
        answer = client.get(f"/en/events/{address}/")
        assert answer.status_code == 404
        assert b"The history does not hold this event" in answer.content


class TestAbsences:
    """What a search cannot find because it is not there is said beside what it found."""

    @pytest.mark.usefixtures("night")
    def test_a_history_in_order_says_how_far_it_is(self, client: Client) -> None:
        page = said(client, "/en/events/")
        assert "The history has everything that had arrived" in page
        assert "missing" not in page
        assert "Nothing is missing" in said(client, "/en/events/gaps/")

    @pytest.mark.refusal
    def test_holes_are_named_by_their_numbers(self, client: Client, history: Table) -> None:
        accept(frame(1, ["a line"] * 9))
        history.append(rows(frame(1, ["a line"] * 3), frame(8, ["a line"] * 2)))
        assert "4 numbered lines are missing" in said(client, "/en/events/")
        assert "4 numbered lines are missing" not in said(client, "/en/events/?source=web")
        page = said(client, "/en/events/gaps/")
        assert "Lines are missing" in page
        assert "4–7" in page

    @pytest.mark.usefixtures("history")
    def test_losses_before_lines_had_numbers_are_said_where_they_happened(self, client: Client) -> None:
        Notice.objects.create(source="sshd", epoch="e1", seq=5, kind=NoticeKind.TRUNCATED, at=HALF_AN_HOUR_AGO)
        assert "The file was cut short" in said(client, "/en/events/?last=1h")
        assert "The file was cut short" not in said(client, "/en/events/?last=15m")

    @pytest.mark.usefixtures("history")
    def test_what_left_after_its_time_is_said_where_it_would_stand(self, client: Client) -> None:
        left = "Events leave after 400 days: what was read before has left."
        assert left not in said(client, "/en/events/?last=30d")
        assert left in said(client, "/en/events/?since=2025-01-01")

    @pytest.mark.refusal
    def test_where_there_is_no_history_no_empty_list_is_shown(self, client: Client) -> None:
        answer = client.get("/en/events/")
        assert answer.status_code == 503
        assert b"There is no event history yet" in answer.content


_DAYS = (1, 7, 40, 500, 30_000)


@pytest.mark.parametrize("minutes", [1, 59, 60, 61, *(days * 24 * 60 for days in _DAYS)])
def test_bars_are_few_and_cover_the_whole_time(minutes: int) -> None:
    until = now()
    since = until - timedelta(minutes=minutes, seconds=7)
    begin, width, bars = stretches(since, until)
    assert begin <= since < begin + width
    assert begin + width * (bars - 1) < until <= begin + width * bars
    assert 1 <= bars <= 60
