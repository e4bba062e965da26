"""A confined process cannot open what it gave up: asked of a real child, since there is no way back."""

import subprocess
import sys
from pathlib import Path

import pytest

from senim.kit.confine import available, stops_truncation

_CHILD = """
import os
import sys
from pathlib import Path
from senim.kit.confine import confine
own, other = Path(sys.argv[1]), Path(sys.argv[2])
assert confine(readable=[Path(p) for p in sys.argv[4:]] + [own / "key"], writable=[own / "state"])
print((own / "key").read_text())
(own / "state" / "note").write_text("kept")
with (own / "state" / "note").open("r+") as note:
    note.truncate(2)
(own / "state" / "log").write_text("first")
(own / "state" / "log").write_text("kept")
for act in (
    lambda: other.read_text(),
    lambda: (own / "key").write_text("x"),
    lambda: list(other.parent.iterdir()),
    lambda: other.rename(own / "state" / "stolen"),
    lambda: os.link(own / "key", own / "state" / "linked"),
    *(lambda p=p: os.truncate(p, 0) for p in (other, own / "key") if sys.argv[3] == "truncation-stopped"),
):
    try:
        act()
    except OSError:
        print("refused")
"""


@pytest.mark.skipif(not available(), reason="NOT RUN: this kernel has no Landlock")
def test_a_process_keeps_its_own_files_and_no_others(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    (own / "state").mkdir(parents=True)
    other.mkdir()
    (own / "key").write_text("mine")
    (other / "key").write_text("theirs")
    code = ["/usr", "/lib", "/lib64", sys.prefix, sys.base_prefix, *filter(None, sys.path)]
    truncation = "truncation-stopped" if stops_truncation() else "truncation-free"
    result = subprocess.run(
        [sys.executable, "-c", _CHILD, str(own), str(other / "key"), truncation, *code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == ["mine", *["refused"] * (7 if stops_truncation() else 5)], result.stderr
    assert (own / "state" / "note").read_text() == "ke"
    assert (own / "state" / "log").read_text() == "kept"
    assert (own / "key").read_text() == "mine"
    assert (other / "key").read_text() == "theirs"
