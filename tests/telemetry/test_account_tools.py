"""What an account tool is asked for is read as getopt reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.telemetry.parsers.account_tools import asked

TOOLS = ("usermod", "useradd", "groupmod", "groupadd", "gpasswd", "groupmems")


@pytest.mark.parametrize(
    "words",
    ["-o -u 0 m", "-ou0 m", "-u0 -o m", "--uid=0 m", "--uid 0 --non-unique m", "--ui 0 m", "m -u 0", "-u 00 m",
     "-u 0x0 m", "-u +0 m", "-u 5 -u 0 m", "-c x -u 0 m", "-c -u -u 0 m"],
)  # fmt: skip
@pytest.mark.parametrize("tool", ["usermod", "useradd"])
def test_the_number_0_is_seen_however_it_is_asked_for(tool: str, words: str) -> None:
    assert asked(tool, words.split())["asked_number"] == "0"


@pytest.mark.parametrize(
    "words",
    ["-u 1000 m", "-u 10 m", "-f 0 m", "-c -u 0", "--comment=-u0 m", "-- -u 0", "-u 0 -u 7 m", "-cu0 m", "-u m", ""],
)
@pytest.mark.parametrize("tool", ["usermod", "useradd"])
def test_what_asks_for_no_0_is_not_taken_for_it(tool: str, words: str) -> None:
    assert asked(tool, words.split()).get("asked_number") != "0"


@pytest.mark.parametrize("tool", ["groupmod", "groupadd"])
def test_a_number_of_a_group_is_one(tool: str) -> None:
    assert asked(tool, ["-og0", "g"]) == {"asked_number": "0"}
    assert asked(tool, ["--gid", "0", "g"]) == {"asked_number": "0"}
    assert asked(tool, ["-g", "100", "g"]) == {"asked_number": "100"}
    assert asked(tool, ["-o", "g"]) == {}


@pytest.mark.parametrize(
    ("tool", "words", "groups"),
    [
        ("usermod", "-aG sudo m", ",sudo,"),
        ("usermod", "-aGsudo m", ",sudo,"),
        ("usermod", "-Gsudo,adm m", ",sudo,adm,"),
        ("usermod", "--groups=lxd,sudo m", ",lxd,sudo,"),
        ("usermod", "--gr lxd -a m", ",lxd,"),
        ("usermod", "m -a -G 00", ",0,"),
        ("useradd", "-g sudo -G users,wheel m", ",sudo,users,wheel,"),
        ("gpasswd", "-a m sudo", ",sudo,"),
        ("gpasswd", "sudo -am", ",sudo,"),
        ("gpasswd", "--members m,n sudo", ",sudo,"),
        ("groupmems", "-a m -g sudo", ",sudo,"),
    ],
)
def test_groups_are_named(tool: str, words: str, groups: str) -> None:
    assert asked(tool, words.split())["asked_groups"] == groups


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("usermod", "-s /bin/sh sudo"),
        ("usermod", "-c -Gsudo m"),
        ("gpasswd", "-d m sudo"),
        ("gpasswd", "-r sudo"),
        ("groupmems", "-l -g sudo"),
        ("getent", "group -G sudo"),
    ],
)
def test_a_name_that_nobody_is_to_join_is_none(tool: str, words: str) -> None:
    assert "asked_groups" not in asked(tool, words.split())


@given(st.sampled_from(TOOLS), st.lists(st.text("-=aGgu0M,x ", max_size=9)))
def test_any_words_are_read(tool: str, words: list[str]) -> None:
    assert set(asked(tool, words)) <= {"asked_number", "asked_groups"}
