"""The yearly information on a full year: how long `senim annual-report YEAR --out FOLDER` takes, both PDFs included.

The workload: a year of `lines` lines read, `incidents` incidents, `entries` entries in the registers (participants and
measures, brought in from files as people do). The reference, in the same run: the same command in the same house before
any of that was there, which is mostly the start of a program.
"""

import csv
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from senim.exercises.bench.house import House, running
from senim.exercises.errors import NotMeasured

AIMS = {"seconds": 60.0}
_AT_ONCE = 1000
"""Entries in one file."""
_REVIEWED = "2999-12-31"
Say = Callable[[str], None]
Fill = Callable[[Path], None]


class Yearly(msgspec.Struct, frozen=True):
    """What was measured."""

    seconds: float
    reference_seconds: float
    """The same command before the year was filled in."""
    ratio: float
    lines: int
    incidents: int
    entries: int
    complete: bool
    bytes: dict[str, int]
    """File → its size."""


def measure(checkout: Path, *, year: int, entries: int, fill: Fill, say: Say) -> Yearly:
    """Run the workload in a house of its own, which `fill` fills, given its folder. Raises `NotMeasured`."""
    with running(checkout) as house, tempfile.TemporaryDirectory(prefix="senim-bench-") as folder:
        reference, _told = _composed(house, year, Path(folder, "before"))
        say("filling a year")
        fill(house.home)
        _fill_registers(house, entries, Path(folder))
        say("composing it")
        seconds, told = _composed(house, year, Path(folder, "after"))
        sizes = {path.name: path.stat().st_size for path in sorted(Path(folder, "after").iterdir())}
        content = json.loads(Path(folder, "after", f"annual-report-{year}.json").read_bytes())
    sections = {section["number"]: section for section in content["sections"]}
    return Yearly(
        seconds=round(seconds, 2),
        reference_seconds=round(reference, 2),
        ratio=round(seconds / reference, 2),
        lines=sections[3]["evidence"]["lines"],
        incidents=sum(kind["incidents"] for kind in sections[1]["evidence"]["kinds"]),
        entries=sum(len(each["entries"]) for section in sections.values() for each in section["registers"]),
        complete=bool(told["complete"]),
        bytes=sizes,
    )


def _composed(house: House, year: int, out: Path) -> tuple[float, dict[str, object]]:
    began = time.monotonic()
    done = house.ask("annual-report", str(year), "--out", str(out), "--json")
    seconds = time.monotonic() - began
    if not done.stdout.startswith('{"year"'):
        raise NotMeasured(f"annual-report: {done.stderr.strip()}")
    told: dict[str, object] = json.loads(done.stdout)
    return seconds, told


def _fill_registers(house: House, entries: int, folder: Path) -> None:
    """Two thirds measures, one third participants."""
    both = {"title_kk": "Шара", "title_ru": "Мероприятие", "limbs": "R228/81-2"}
    measure_of = {"state": "done", "planned_for": "2025-03-01", "done_on": "2025-03-02"}
    said = {"outcome_kk": "Орындалды. " * 10, "outcome_ru": "Выполнено. " * 10}
    people = {"kind": "unit", "state": "complies"}
    texts = {
        f"{name}_{language}": "Мәтін. " * 20 for name in ("functionality", "compliance") for language in ("kk", "ru")
    }
    number = entries * 2 // 3
    _bring_in(house, "measures", {**both, **measure_of, **said}, number, folder)
    _bring_in(house, "system-participants", {**both, **people, **texts}, entries - number, folder)


def _bring_in(house: House, register: str, facts: dict[str, str], number: int, folder: Path) -> None:
    row = {"entry": "", "version": "", "owner": "head", "review_on": _REVIEWED, **facts}
    for begin in range(0, number, _AT_ONCE):
        path = folder / f"{register}-{begin}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            for each in range(begin, min(begin + _AT_ONCE, number)):
                writer.writerow({**row, **{name: f"{row[name]} {each}" for name in ("title_kk", "title_ru")}})
        house.senim("registers", "import", register, str(path), "--write", "--reason", "benchmark")
