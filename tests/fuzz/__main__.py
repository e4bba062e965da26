"""`python -m tests.fuzz [--seconds N] [--json] [NAME …]`: each target in turn; exit 1 where one was broken."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.fuzz.targets import TARGETS, seeds

_KEPT = Path("build/fuzz")
"""Where inputs that broke something are kept."""
_SLOW = 2
"""Seconds: an input that takes longer is a finding."""
_LONGEST = 65_536
"""Bytes: a line that the collector has not cut (`senim.telemetry.internal.logfile`)."""


def main() -> int:
    """Fuzz what is named, or everything; tell of each how many inputs were tried and what was found."""
    asked = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    asked.add_argument("--seconds", type=int, default=60, help="for each target")
    asked.add_argument("--json", action="store_true")
    told = asked.parse_args()
    if unknown := set(told.names) - TARGETS.keys():
        asked.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    results = []
    for name in told.names or TARGETS:
        results.append(_fuzz(name, told.seconds))
        if not told.json:
            click.echo("{name:<16} {inputs:>9} inputs  {verdict}".format(**results[-1]))
    if told.json:
        click.echo(json.dumps(results))
    return int(any(result["verdict"] != "ok" for result in results))


def _fuzz(name: str, seconds: int) -> dict[str, object]:
    """LibFuzzer ends its own process, so each target has one."""
    with tempfile.TemporaryDirectory(prefix="senim-fuzz-") as folder:
        corpus = Path(folder)
        for number, seed in enumerate(seeds(name)):
            (corpus / f"seed-{number}").write_bytes(seed)
        limits = [f"-max_total_time={seconds}", f"-timeout={_SLOW}", f"-max_len={_LONGEST}", "-print_final_stats=1"]
        _KEPT.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz.run", name, *limits, f"-artifact_prefix={_KEPT}/{name}-", folder]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    tried = [line.rpartition(":")[2] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    # Python says what went wrong, libFuzzer where the input is kept.
    said = [*done.stdout.splitlines()[-12:], *(line for line in done.stderr.splitlines() if "written to" in line)]
    verdict = "ok" if done.returncode == 0 else "\n".join(["BROKEN", *said])
    return {"name": name, "inputs": int(tried[-1]) if tried else 0, "seconds": seconds, "verdict": verdict}


if __name__ == "__main__":
    sys.exit(main())
