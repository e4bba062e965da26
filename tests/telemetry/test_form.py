"""A log whose format changed is told from one in which nothing happens."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from senim.telemetry import operations, parsers
from senim.telemetry.flaws import FlawKind
from senim.telemetry.frames import Line
from senim.telemetry.models import Ledger
from senim.telemetry.parsers.form import STRANGE, strangeness
from senim.telemetry.queries import source_state
from tests.detection.watch import READ_AT, frame_of

Take = Callable[..., tuple[int, datetime | None]]
RECORDED = Path(__file__).parent / "recorded"
FORMED = {
    "auditd": (RECORDED / "auditd-3.0.9.log").read_text().splitlines()[0],
    "door": '{"at":"2026-11-22T12:00:00.123Z","door":"console","src":"192.0.2.7","method":"GET","path":"/"}',
    "heartbeat": '{"at":"2026-11-22T12:00:00Z","service":"console","ok":true}',
    "malware": '{"at":"2026-11-22T12:00:00Z","action":"folder-scanned","folder":"/srv"}',
    "meter": '{"at":"2026-11-22T12:00:00Z","door":"console","requests":3}',
    "nginx-combined": '192.0.2.7 - - [22/Nov/2026:17:00:13 +0500] "GET / HTTP/1.1" 200 612 "-" "Mozilla/5.0"',
    "nginx-json": '{"msec":"1795356000.0","remote_addr":"192.0.2.7","request_method":"GET","request_uri":"/"}',
    "payments": '{"at":"2026-11-22T17:00:13.5+05:00","event":"system-started"}',
    "platform": '{"id":"0198","tag":"audit:sealed","subject":"1","at":"2026-11-22T12:00:00Z","payload":{}}',
    "postgresql": (RECORDED / "postgresql-18.3.json").read_text().splitlines()[0],
    "sshd": "Nov 22 17:00:13 bureau-1 sshd[7]: Failed password for root from 192.0.2.7 port 50122 ssh2",
}
"""Of each kind a line that has its form, whatever it says."""
NEW_FORM = '{"__REALTIME_TIMESTAMP":"1795356000","MESSAGE":"Failed password for root from 192.0.2.7 port 50122 ssh2"}'
CRON = "Nov 22 17:00:13 bureau-1 CRON[8]: pam_unix(cron:session): session opened for user root"


def form(kind: str, text: str) -> bool | None:
    return parsers.in_form(kind, parsers.parse(kind, Line(1, READ_AT, text.encode()), "h"))


@pytest.mark.parametrize("kind", sorted(parsers.PARSERS))
def test_every_kind_tells_its_form_from_another(kind: str) -> None:
    assert form(kind, FORMED[kind]) is True
    assert form(kind, NEW_FORM) is False
    assert form(kind, "") is False


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("postgresql", FORMED["postgresql"].replace('"timestamp"', '"time"')),
        ("nginx-json", FORMED["nginx-json"].replace("remote_addr", "client")),
        ("sshd", FORMED["sshd"].replace("Failed password", "Refused secret")),
    ],
)
def test_a_form_that_changed_a_little_is_another(kind: str, text: str) -> None:
    assert form(kind, text) is False


def test_of_another_program_in_the_same_file_nothing_can_be_told() -> None:
    assert form("sshd", CRON) is None


class TestStrangeness:
    """Twenty in a row are strange, and so are many in a few; a few among many are not."""

    def after(self, *forms: bool) -> int:
        found = 0
        for form in forms:
            found = strangeness(found, has_form=form)
        return found

    @pytest.mark.parametrize(("row", "strange"), [(20, True), (19, False)])
    def test_a_row(self, row: int, strange: bool) -> None:
        assert (self.after(*[False] * row) >= STRANGE) is strange

    @pytest.mark.parametrize(("good", "strange"), [(1, True), (9, True), (31, False)])
    def test_good_lines_after_a_long_row(self, good: int, strange: bool) -> None:
        assert (self.after(*[False] * 1000, *[True] * good) >= STRANGE) is strange

    @pytest.mark.parametrize(("good", "bad", "strange"), [(1, 9, True), (2, 1, True), (3, 1, False), (9, 1, False)])
    def test_a_share(self, good: int, bad: int, strange: bool) -> None:
        assert (self.after(*([True] * good + [False] * bad) * 100) >= STRANGE) is strange

    def test_it_is_forgotten(self) -> None:
        assert self.after(*[False] * 1000, *[True] * 90) == 0


class TestLedger:
    """How strange the newest lines are."""

    pytestmark = pytest.mark.django_db
    GOOD = FORMED["sshd"]

    @pytest.fixture
    def take(self) -> Take:
        """Have lines accepted and understood in one frame; how strange they are, and since when."""
        numbers = iter(range(1, 10**6))

        def _take(*texts: str, read_at: float = READ_AT) -> tuple[int, datetime | None]:
            first = next(numbers)
            for _ in texts[1:]:
                next(numbers)
            frame = frame_of(texts, first=first, read_at=read_at)
            with transaction.atomic():
                operations.understand(frame, operations.accept(frame))
            state = source_state("sshd")
            return state.formless, state.formless_since

        return _take

    @pytest.mark.parametrize(
        ("texts", "row"),
        [
            ((GOOD, GOOD), 0),
            ((GOOD, NEW_FORM, NEW_FORM), 6),
            ((NEW_FORM, GOOD, GOOD, GOOD), 0),
            ((NEW_FORM, GOOD, NEW_FORM), 5),
            ((NEW_FORM, CRON, NEW_FORM), 6),
            ((CRON, CRON), 0),
        ],
    )
    def test_in_one_frame(self, take: Take, texts: Sequence[str], row: int) -> None:
        assert take(*texts) == (row, moment(READ_AT) if row else None)

    def test_over_frames_until_enough_have_it_again(self, take: Take) -> None:
        assert take(NEW_FORM) == (3, moment(READ_AT))
        assert take(CRON, read_at=READ_AT + 1) == (3, moment(READ_AT))
        assert take(self.GOOD, NEW_FORM, read_at=READ_AT + 2) == (5, moment(READ_AT))
        assert take(*[self.GOOD] * 5, NEW_FORM, read_at=READ_AT + 3) == (3, moment(READ_AT + 3))
        assert take(*[self.GOOD] * 3, read_at=READ_AT + 4) == (0, None)
        assert Ledger.objects.get().flaws == {FlawKind.FORMLESS.value: 3}


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
