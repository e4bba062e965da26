"""Many commands in a row, each in a process of its own, forked from one that has imported the command line once."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FORKS = """
import json, os, sys, tempfile
from senim.site.cli.main import main, senim
list(senim.commands.values())
told = []
for arguments, more in json.load(sys.stdin):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            for number, file in ((1, out), (2, err)):
                os.dup2(file.fileno(), number)
            os.environ.update(more)
            sys.argv = ["senim", *arguments]
            main()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        streams = []
        for file in (out, err):
            file.seek(0)
            streams.append(file.read().decode())
        told.append((code, *streams))
json.dump(told, sys.stdout)
"""


@dataclass(frozen=True)
class Ended:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> dict[str, Any]:
        """The failure as a program reads it; empty where there was none."""
        told = json.loads(self.out)
        error: dict[str, Any] = told.get("error", {}) if isinstance(told, dict) else {}
        return error


def senim(*commands: tuple[Sequence[str], Mapping[str, str]]) -> list[Ended]:
    """Run each command (arguments, environment) and wait for it; nobody types anything."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SENIM_", "DJANGO_", "LANG", "LC_"))}
    done = subprocess.run(
        [sys.executable, "-c", _FORKS],
        input=json.dumps([[list(arguments), dict(more)] for arguments, more in commands]),
        env=kept,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Ended(*each) for each in json.loads(done.stdout)]
