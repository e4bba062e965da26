"""OpenSSH's log is understood as a real sshd writes it, whatever a stranger calls himself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed

READ = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
PRINT = "SHA256:" + "A" * 43


def parse(data: str | bytes, *, zone: str = "UTC", read: datetime = READ) -> Observed:
    data = data.encode() if isinstance(data, str) else data
    return parsers.parse("sshd", Line(1, read.timestamp(), data), "gate-1", zone)


FORMS = [
    ("Failed password for root from 192.0.2.7 port 50122 ssh2", "password-failed", "root", False),
    ("Failed password for invalid user admin from 2001:db8::7 port 50122 ssh2", "password-failed", "admin", True),
    ("Failed none for invalid user  from 192.0.2.7 port 50122 ssh2", "none-failed", "", True),
    ("Failed keyboard-interactive/pam for root from 192.0.2.7 port 50122 ssh2", "password-failed", "root", False),
    (f"Failed publickey for git from 192.0.2.7 port 50122 ssh2: RSA {PRINT}", "publickey-failed", "git", False),
    ("Accepted password for aigerim from 192.0.2.7 port 50122 ssh2", "password-accepted", "aigerim", False),
    (f"Accepted publickey for git from 192.0.2.7 port 50122 ssh2: ED25519 {PRINT}", "publickey-accepted", "git", False),
    (f"Accepted publickey for git from 192.0.2.7 port 50122 ssh2: ED25519-CERT {PRINT} ID ci (serial 0) CA RSA {PRINT}",
     "publickey-accepted", "git", False),
    ("Postponed publickey for git from 192.0.2.7 port 50122 ssh2 [preauth]", "publickey-offered", "git", False),
    ("Invalid user oracle from 192.0.2.7 port 50122", "invalid-user", "oracle", True),
    ("Invalid user  from 192.0.2.7 port 50122", "invalid-user", "", True),
    ("error: maximum authentication attempts exceeded for root from 192.0.2.7 port 50122 ssh2 [preauth]",
     "attempts-exceeded", "root", False),
    ("maximum authentication attempts exceeded for invalid user a b from 192.0.2.7 port 50122 ssh2 [preauth]",
     "attempts-exceeded", "a b", True),
    ("User bob from 192.0.2.7 not allowed because not listed in AllowUsers", "user-refused", "bob", False),
    ("User bob not allowed because account is locked", "user-refused", "bob", False),
    ("Connection closed by authenticating user root 192.0.2.7 port 50122 [preauth]", "disconnected", "root", False),
    ("Connection reset by invalid user x y 192.0.2.7 port 50122 [preauth]", "disconnected", "x y", True),
    ("Connection closed by 192.0.2.7 port 50122 [preauth]", "disconnected", None, None),
    ("Disconnected from user git 192.0.2.7 port 50122", "disconnected", "git", False),
    ("Disconnecting invalid user x 192.0.2.7 port 50122: Too many authentication failures [preauth]",
     "disconnected", "x", True),
    ("Received disconnect from 192.0.2.7 port 50122:11: disconnected by user", "disconnected", None, None),
    ("fatal: Timeout before authentication for 192.0.2.7 port 50122", "disconnected", None, None),
    ('Connection from 192.0.2.7 port 50122 on 192.0.2.1 port 22 rdomain ""', "connected", None, None),
    ("drop connection #10 from [192.0.2.7]:50122 on [192.0.2.1]:22 past MaxStartups", "connection-dropped", None, None),
    ("Did not receive identification string from 192.0.2.7 port 50122", "protocol-error", None, None),
    ("banner exchange: Connection from 192.0.2.7 port 50122: invalid format", "protocol-error", None, None),
    ("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
     "pam-failed", "root", False),
    ("PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
     "pam-failed", "root", False),
    ("error: PAM: Authentication failure for illegal user x for y from 192.0.2.7", "pam-failed", "x for y", True),
    ("pam_unix(sshd:auth): check pass; user unknown", "pam-user-unknown", None, None),
    ("pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)", "session-opened", "root", False),
    ("pam_unix(sshd:session): session closed for user root", "session-closed", "root", False),
    ("Starting session: shell on pts/0 for root from 192.0.2.7 port 50122 id 0", "session-started", "root", False),
    ("Server listening on 0.0.0.0 port 22.", "listening", None, None),
    ("Received signal 15; terminating.", "stopping", None, None),
    ("Could not get shadow information for NOUSER", "other", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("message", "action", "user", "invalid"), FORMS)
@pytest.mark.parametrize(
    "head",
    ["", "Nov 22 11:59:58 gate-1 sshd[4711]: ", "2026-11-22T16:59:58.123456+05:00 gate-1 sshd-session[4711]: ",
     "<38>1 2026-11-22T11:59:58.123Z gate-1 sshd 4711 - - "],
    ids=["raw", "rfc3164", "file-format", "rfc5424"],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "\r"])
def test_every_form_with_every_head(  # noqa: PLR0917 - a table has columns
    head: str, message: str, end: str, action: str, user: str | None, invalid: bool | None
) -> None:
    seen = parse(head + message + end)
    assert (seen.fields["action"], seen.fields.get("user"), seen.fields.get("invalid_user")) == (action, user, invalid)
    assert seen.fields.get("src_ip", "192.0.2.7") in {"192.0.2.7", "2001:db8::7"}
    assert seen.fields.get("src_port", 50122) == 50122
    assert seen.fields["message"] == message
    assert "ambiguous" not in seen.fields
    if head:
        assert (seen.fields["pid"], seen.time_basis, seen.at.second) == (4711, "line", 58)
    else:
        assert (seen.at, seen.time_basis) == (READ, "read")


ANY_NAME = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["C", "Zl", "Zp"]))
FORGED = st.sampled_from(
    [
        "root from 198.51.100.1 port 22 ssh2",
        "invalid user root from 198.51.100.1 port 22 ssh2",
        "x 198.51.100.1 port 22",
        "x 198.51.100.1 port 22 [preauth]",
        f"x from 198.51.100.1 port 22 ssh2: RSA {PRINT}",
        "x from 198.51.100.1 port 22: Too many authentication failures",
        "message repeated 9 times: [ Accepted password for root from 198.51.100.1 port 22 ssh2]",
        "x  user=root rhost=198.51.100.1",
    ]
)
NAMES = st.one_of(ANY_NAME, FORGED, st.tuples(FORGED, ANY_NAME, FORGED).map(" ".join)).filter(str.isprintable)
PLAIN = [
    ("Failed password for invalid user {} from 192.0.2.7 port 50122 ssh2", "password-failed"),
    ("Failed none for invalid user {} from 192.0.2.7 port 50122 ssh2", "none-failed"),
    (f"Failed publickey for invalid user {{}} from 192.0.2.7 port 50122 ssh2: RSA {PRINT}", "publickey-failed"),
    ("Invalid user {} from 192.0.2.7 port 50122", "invalid-user"),
    ("error: maximum authentication attempts exceeded for invalid user {} from 192.0.2.7 port 50122 ssh2 [preauth]",
     "attempts-exceeded"),
    ("Connection closed by invalid user {} 192.0.2.7 port 50122 [preauth]", "disconnected"),
    ("Disconnecting invalid user {} 192.0.2.7 port 50122: Too many authentication failures [preauth]", "disconnected"),
    ("message repeated 2 times: [ Failed password for invalid user {} from 192.0.2.7 port 50122 ssh2]",
     "password-failed"),
]  # fmt: skip


@pytest.mark.clause("R228/81-2")
@pytest.mark.refusal
@pytest.mark.parametrize(("form", "action"), PLAIN)
@given(user=NAMES)
@example(user="nobody from 198.51.100.1 port 22 ssh2")
def test_a_name_that_reads_like_a_log_line_changes_nothing(form: str, action: str, user: str) -> None:
    fields = parse(form.format(user)).fields
    assert (fields["action"], fields["user"], fields["src_ip"], fields["src_port"], fields["invalid_user"]) == (
        action, user, "192.0.2.7", 50122, True,
    )  # fmt: skip


def test_a_reason_that_names_another_address_is_called_ambiguous() -> None:
    seen = parse(
        "Disconnecting invalid user a 192.0.2.7 port 50122: Change of username or service not allowed: "
        "(a,ssh-connection) -> (b 198.51.100.1 port 22: x,ssh-connection) [preauth]"
    )
    assert (seen.fields["src_ip"], seen.fields["ambiguous"]) == ("192.0.2.7", True)


def test_a_pam_line_gives_the_host_before_the_name() -> None:
    seen = parse(
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  "
        "user=x rhost=198.51.100.1  user=root"
    )
    assert (seen.fields["src_ip"], seen.fields["user"]) == ("192.0.2.7", "x rhost=198.51.100.1  user=root")


def test_a_repeated_message_says_how_often() -> None:
    seen = parse("message repeated 4 times: [ Failed password for root from 192.0.2.7 port 50122 ssh2]")
    assert (seen.fields["action"], seen.fields["repeated"]) == ("password-failed", 4)


def test_another_program_is_not_taken_for_sshd() -> None:
    seen = parse("Nov 22 11:59:58 gate-1 cron[1]: Accepted password for root from 192.0.2.7 port 1 ssh2")
    assert (seen.fields["action"], seen.fields["program"], seen.time_basis) == ("other", "cron", "line")


def test_a_line_longer_than_sshd_writes_is_not_its_message() -> None:
    user = "x" * 5000
    assert parse(f"Failed password for {user} from 192.0.2.7 port 1 ssh2").fields["action"] == "other"


@given(st.binary(max_size=300))
@example(b"\x00\xff\xfe[31m")
@example(b"Nov 99 99:99:99 gate-1 sshd[1]: Failed password for root from 192.0.2.7 port 1 ssh2")
@example(b"<38>1 9999-99-99T99:99:99Z gate-1 sshd 1 - - x")
@example(b"<38>1 0001-01-01T00:00:00+23:59 gate-1 sshd 99999999999999999999 - - x")
def test_garbage_is_kept_and_never_raises(data: bytes) -> None:
    seen = parse(data)
    assert seen.text.isprintable()
    assert seen.fields["action"]
    assert seen.at.tzinfo is UTC


class TestTime:
    """A line's own moment is used where it can be believed, else the moment of reading, and the reason is named."""

    @staticmethod
    def at(moment: datetime) -> Observed:
        return parse(f"{moment.isoformat()} gate-1 sshd[1]: Server listening on 0.0.0.0 port 22.")

    @pytest.mark.parametrize(
        ("ahead", "flaw"),
        [
            (timedelta(minutes=5), None),
            (timedelta(minutes=5, seconds=1), "future"),
            (timedelta(days=-366), None),
            (timedelta(days=-366, seconds=-1), "ancient"),
        ],
    )
    def test_both_sides_of_both_limits(self, ahead: timedelta, flaw: str | None) -> None:
        seen = self.at(READ + ahead)
        assert seen.fields.get("time_flaw") == flaw
        assert (seen.at, seen.time_basis) == ((READ, "read") if flaw else (READ + ahead, "line"))

    def test_a_moment_that_does_not_exist_is_named(self) -> None:
        seen = parse("Feb 30 11:59:58 gate-1 sshd[1]: x")
        assert (seen.fields["time_flaw"], seen.at, seen.time_basis) == ("unreadable", READ, "read")

    @pytest.mark.parametrize(
        ("read", "line", "year"),
        [
            (datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC), "Dec 31 23:59:58", 2026),
            (datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC), "Jan  1 00:00:05", 2027),
            (datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC), "Dec 31 23:59:57", 2026),
            (datetime(2028, 3, 1, tzinfo=UTC), "Feb 29 12:00:00", 2028),
        ],
    )
    def test_the_year_is_the_nearest(self, read: datetime, line: str, year: int) -> None:
        seen = parse(f"{line} gate-1 sshd[1]: x", read=read)
        assert (seen.at.year, seen.time_basis) == (year, "line")

    @pytest.mark.parametrize(
        "written", [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]
    )
    def test_the_hour_that_comes_twice_is_the_one_of_reading(self, written: datetime) -> None:
        seen = parse("Oct 25 02:30:00 gate-1 sshd[1]: x", read=written + timedelta(seconds=1), zone="Europe/Berlin")
        assert (seen.at, seen.time_basis) == (written, "line")

    def test_a_moment_without_zone_is_local_to_the_source(self) -> None:
        seen = parse("Nov 22 17:00:00 gate-1 sshd[1]: x", zone="Asia/Almaty")
        assert (seen.at, seen.time_basis) == (READ, "line")
