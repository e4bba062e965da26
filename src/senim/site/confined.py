"""Becoming one process of the house: what it will ever read and write is settled before it does anything.

`python -m senim.site.confined NAME` is how the supervisor starts a process that knows no secret and no database: it
loads neither, and so stays small.
"""

import gc
import os
import sys

from senim.kit.instance import Instance
from senim.kit.process import Process, die_with_parent
from senim.kit.secrets import Secrets
from senim.site.processes import PROGRAMS, Program

_USUAL_GARBAGE = (700, 10, 10)
"""Python's own thresholds (module `gc`)."""


def become(program: Program, instance: Instance, secrets: Secrets) -> None:
    """Be `program` until told to stop."""
    die_with_parent()
    if not program.withdraw(instance):
        sys.stderr.write("this kernel has no Landlock: processes are kept apart by secrets only\n")
    process = Process(program.name, instance, secrets)
    process.stop_on_signals()
    work = program.load()
    # What is read by now stays as long as the process: garbage is looked for in what is made from now on, and as often
    # as Python does it by itself (`senim.site.cli` asks for less while modules are read).
    gc.freeze()
    gc.set_threshold(*_USUAL_GARBAGE)
    work(process)


def main(name: str) -> None:
    """Be the bare process `name`. Raises `StopIteration` where there is none of that name."""
    os.environ["SENIM_PROCESS"] = name
    become(next(one for one in PROGRAMS if one.is_bare and one.name == name), Instance.load(), Secrets())


if __name__ == "__main__":
    main(sys.argv[1])
