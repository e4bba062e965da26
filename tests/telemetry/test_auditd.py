"""Audit records are understood as the kernel and auditd write them, each by itself and with those of its event.

`recorded/auditd-3.0.9.log` was written by auditd 3.0.9 of Debian 12 on Linux 6.18 with one rule (`-F dir=… -F perm=x -k
senim-watched-uploads`), while files in the folder were executed and accounts added; the folder was renamed afterwards.
"""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed, auditd
from tests.detection.watch import frame_of

RECORDED = (Path(__file__).parent / "recorded" / "auditd-3.0.9.log").read_bytes().splitlines()
READ_AT = 1795646600.0
MOMENT = "audit(1795646549.178:5)"


def parse(data: str | bytes) -> Observed:
    return parsers.parse("auditd", _line(data), "server-1")


def _line(data: str | bytes) -> Line:
    return Line(1, READ_AT, data.encode() if isinstance(data, str) else data)


def joined(*records: str | bytes) -> list[Observed]:
    joining = auditd.Joining()
    return [joining.parse(_line(record), "server-1", "UTC") for record in records]


def of_type(kind: str) -> list[Observed]:
    return [seen for seen in joined(*RECORDED) if seen.fields.get("type") == kind]


class TestOneRecord:
    """Sigma's rules for auditd look at single records under auditd's own names."""

    def test_every_recorded_line_is_a_record_with_its_moment(self) -> None:
        for seen in map(parse, RECORDED):
            assert seen.time_basis == "line"
            assert re.fullmatch(r"[A-Z_]+", str(seen.fields["type"]))
            assert {"host", "action", "user", "marker"} <= set(seen.fields)

    def test_fields_keep_their_names_and_enriched_ones_theirs(self) -> None:
        fields = of_type("SYSCALL")[1].fields
        assert (fields["syscall"], fields["SYSCALL"], fields["success"]) == ("59", "execve", "yes")
        assert (fields["exe"], fields["comm"]) == ("/srv/uploads/na me", "na me")
        assert fields["key"] == "senim-watched-uploads"

    def test_arguments_are_text_whatever_they_hold(self) -> None:
        arguments = [seen.fields for seen in of_type("EXECVE")][1]
        assert [arguments[f"a{n}"] for n in range(5)] == ["/bin/sh", "./a.sh", "two words", 'q"uote', "tab\\there"]

    def test_hexadecimal_is_text_only_where_a_stranger_could_write(self) -> None:
        fields = parse(f'type=SYSCALL msg={MOMENT}: arch=c000003e a0=4142 comm=4142 exe="/bin/4142"').fields
        assert (fields["a0"], fields["comm"], fields["exe"]) == ("4142", "AB", "/bin/4142")

    def test_an_argument_in_pieces_is_one(self) -> None:
        fields = parse(f'type=EXECVE msg={MOMENT}: argc=2 a0="sh" a1_len=4 a1[0]=4142 a1[1]=4344').fields
        assert fields["a1"] == "ABCD"
        assert fields["command"] == "sh ABCD"

    def test_a_node_is_the_host(self) -> None:
        assert parse(f"node=db-1 type=EOE msg={MOMENT}: ").fields["host"] == "db-1"

    def test_a_record_cannot_replace_what_every_line_has(self) -> None:
        fields = parse(f'type=CWD msg={MOMENT}: host="h" action="a" marker="m" type="t" time_flaw="x"').fields
        assert (fields["host"], fields["action"], fields["marker"], fields["type"]) == ("server-1", "other", "", "CWD")
        assert "time_flaw" not in fields


class TestAnEvent:
    """A record knows what those before it have said of its event."""

    def test_the_file_that_was_executed_is_named_whole_and_by_whom(self) -> None:
        executed = [seen.fields for seen in joined(*RECORDED) if seen.fields["action"] == "file-executed"]
        assert [fields["path"] for fields in executed] == ["/srv/uploads/na me", "/srv/uploads/a.sh"]
        assert {(fields["folder"], fields["user"]) for fields in executed} == {("uploads", "root")}
        assert executed[1]["command"] == '/bin/sh ./a.sh two words q"uote tab\\there'

    def test_what_could_not_be_executed_is_told_apart(self) -> None:
        failed = [seen.fields for seen in joined(*RECORDED) if seen.fields["action"] == "execution-failed"]
        assert [fields["path"] for fields in failed] == ["/srv/uploads/e.com", "/srv/uploads/e.com"]

    def test_without_its_call_a_path_says_nothing_of_execution(self) -> None:
        (path,) = {seen.fields["action"] for seen in map(parse, RECORDED) if seen.fields.get("type") == "PATH"}
        assert path == "other"

    def test_the_raw_format_is_understood_as_well(self) -> None:
        raw = [line.partition(b"\x1d")[0] for line in RECORDED]
        executed = [seen.fields for seen in joined(*raw) if seen.fields["action"] == "file-executed"]
        assert [fields["path"] for fields in executed] == ["/srv/uploads/na me", "/srv/uploads/a.sh"]
        assert {fields["user"] for fields in executed} == {"0"}

    @pytest.mark.parametrize(
        ("keys", "folder"),
        [
            ([b"senim-watched-uploads"], "uploads"),
            ([b"senim-exec", b"senim-watched-uploads"], "uploads"),
            ([b"senim-watched-uploads", b"senim-exec"], "uploads"),
            ([b"senim-exec", b"not-senim-watched-uploads"], ""),
            ([b"senim-exec", b"execution"], ""),
        ],
    )
    def test_one_of_the_keys_names_the_folder(self, keys: list[bytes], folder: str) -> None:
        key = b"\x01".join(keys).hex().upper()
        call, path = joined(
            f'type=SYSCALL msg={MOMENT}: arch=c000003e syscall=59 success=yes exe="/srv/uploads/a" key={key}',
            f'type=PATH msg={MOMENT}: item=0 name="/srv/uploads/a"',
        )
        assert (path.fields["action"], path.fields["folder"]) == ("file-executed", folder)
        assert call.fields["key"] == b" ".join(keys).decode()

    def test_another_event_in_between_changes_nothing(self) -> None:
        other = [line for line in RECORDED if b":4):" in line]
        mixed = [line for pair in zip([r for r in RECORDED if b":5):" in r], other, strict=False) for line in pair]
        executed = [seen.fields["path"] for seen in joined(*mixed) if seen.fields["action"] == "file-executed"]
        assert sorted(executed) == ["/srv/uploads/a.sh", "/srv/uploads/na me"]

    @settings(deadline=None)
    @given(st.integers(min_value=0, max_value=len(RECORDED)))
    def test_two_frames_tell_what_one_does(self, cut: int) -> None:
        whole, _ = parsers.parse_joined(frame_of(RECORDED, kind="auditd"), _lines(RECORDED), b"")
        frame = frame_of(RECORDED, kind="auditd")
        first, state = parsers.parse_joined(frame, _lines(RECORDED[:cut]), b"")
        second, _ = parsers.parse_joined(frame, _lines(RECORDED[cut:]), state)
        assert [seen.fields for _, seen in (*first, *second)] == [seen.fields for _, seen in whole]

    def test_what_is_remembered_is_bounded(self) -> None:
        joining = auditd.Joining()
        call = 'type=SYSCALL msg=audit(1795646549.178:%d): arch=c000003e syscall=59 success=yes exe="/%s"'
        for number in range(auditd.MOST_OPEN * 3):
            joining.parse(_line(call % (number, "x" * 5000)), "server-1", "UTC")
        assert len(joining.state) < auditd.MOST_OPEN * 2048

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    @example(b"\x81\xa2\x00\x80")  # a text that is no UTF-8
    def test_a_state_that_nobody_wrote_is_nothing(self, state: bytes) -> None:
        assert auditd.Joining(state).parse(_line(RECORDED[0]), "server-1", "UTC").fields["type"] == "DAEMON_START"


class TestAccounts:
    """What useradd, usermod and their kin report."""

    def test_an_added_account_is_named_by_its_number(self) -> None:
        added = [seen.fields for seen in map(parse, RECORDED) if seen.fields["action"] == "account-added"]
        assert [(fields["id"], fields["op"]) for fields in added] == [
            ("1001", "adding user"), ("0", "adding user"), ("0", "adding home directory"),
        ]  # fmt: skip
        assert {(fields["program"], fields["user"]) for fields in added} == {("/usr/sbin/useradd", "root")}

    def test_its_marker_is_seen(self) -> None:
        changed = [seen.fields for seen in map(parse, RECORDED) if seen.fields["action"] == "account-changed"]
        assert {fields["marker"] for fields in changed} == {"exercise-0123456789abcdef"}

    def test_a_name_with_a_quote_hides_nothing_behind_it(self) -> None:
        fields = parse(
            f'type=ADD_USER msg={MOMENT}: pid=1 uid=0 msg=\'op=adding user acct="o\'brien" exe="/usr/sbin/useradd" '
            'hostname=? addr=? terminal=? res=success\'\x1dUID="root"'
        ).fields
        assert (fields["account"], fields["program"], fields["res"]) == ("o'brien", "/usr/sbin/useradd", "success")

    def test_what_is_asked_for_stands_behind_any_comment(self) -> None:
        call = f'type=SYSCALL msg={MOMENT}: arch=c000003e syscall=59 success=yes exe="/usr/sbin/usermod"'
        comments = " ".join(f'a{n}="-c{"x" * 20}"' for n in range(1, 400))
        _, run = joined(call, f'type=EXECVE msg={MOMENT}: argc=402 a0="usermod" {comments} a400="-ou0" a401="m"')
        assert run.fields["asked_number"] == "0"
        assert len(str(run.fields["command"])) <= 1024

    def test_arguments_in_another_record_of_the_event_are_read_as_well(self) -> None:
        call = f'type=SYSCALL msg={MOMENT}: arch=c000003e syscall=59 success=yes exe="/usr/sbin/usermod"'
        *_, rest = joined(
            call,
            f'type=EXECVE msg={MOMENT}: argc=4 a0="usermod" a1="-cx"',
            f'type=EXECVE msg={MOMENT}: a2="-aGsudo" a3="m"',
        )
        assert (rest.fields["asked_groups"], rest.fields["command"]) == (",sudo,", "usermod -cx")

    def test_another_program_asks_for_nothing(self) -> None:
        call = f'type=SYSCALL msg={MOMENT}: arch=c000003e syscall=59 success=yes exe="/usr/bin/id"'
        _, run = joined(call, f'type=EXECVE msg={MOMENT}: argc=3 a0="usermod" a1="-u" a2="0"')
        assert "asked_number" not in run.fields

    def test_a_failure_is_none(self) -> None:
        fields = parse(f"type=ADD_USER msg={MOMENT}: uid=0 msg='op=adding user acct=\"x\" res=failed'").fields
        assert fields["action"] == "account-added-failed"


def _lines(records: list[bytes]) -> list[Line]:
    return [_line(record) for record in records]


_PIECES = st.sampled_from(
    ["type=", "SYSCALL", "EXECVE", "PATH", "msg=audit(1.1:1): ", "msg='", "'", '"', "a0=", "a1[0]=", "4142", "name=",
     " ", "\x1d", "op=", "acct=", "exe=", "\\x", "é", "node=", "argc=9", "cwd=", "item=0"]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.binary(), st.lists(_PIECES).map(lambda pieces: "".join(pieces).encode())))
def test_any_bytes_are_kept_and_never_raise(data: bytes) -> None:
    for seen in (parse(data), *joined(data, data)):
        assert seen.fields["host"]
        assert seen.fields["marker"] == ""
        assert seen.text.isprintable()


@pytest.mark.parametrize("piece", ["a", "msg='", 'a="', "op=", "op=a", "a0[1]=", "a=b ", "=", "\x1d", "node="])
def test_no_input_is_slow(piece: str) -> None:
    """The longest line a source gives: a regular expression that backtracks would not end within the suite's limit."""
    head = f"type=EXECVE msg={MOMENT}: "
    seen = parse((head + piece * (65536 // len(piece))).encode())
    assert seen.fields["type"] == "EXECVE"
