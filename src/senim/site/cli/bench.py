"""`senim bench`: how fast the house is, measured from outside against the aims it is held to."""

import secrets
from pathlib import Path

import click
import msgspec

from senim.exercises.bench import annual_report as annual_report_bench
from senim.exercises.bench import asoi as asoi_bench
from senim.exercises.bench import history as history_bench
from senim.exercises.bench import pipeline as pipeline_bench
from senim.exercises.bench import start as start_bench
from senim.exercises.bench.chaos import run as chaos_bench
from senim.exercises.bench.chaos.channel import run as channel_bench
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.language import speak
from senim.site.database.connections import Administrator
from senim.site.database.filling import fill_year
from senim.site.embedded.postgres import Postgres
from senim.site.layout import CHECKOUT


@click.group()
def bench() -> None:
    """Benchmarks. They report and never fail for being slow; exit 2 where nothing could be measured."""
    speak()


_checkout = click.option(
    "--checkout", type=click.Path(path_type=Path, exists=True), default=CHECKOUT, help="The source tree to measure."
)


@bench.command()
@_checkout
@json_wish
def start(checkout: Path, as_json: bool) -> None:
    """A fresh clone, `make run`, the first page; then a second start, idle memory, disk. Takes minutes."""
    measured = start_bench.measure(checkout)
    _tell(measured, start_bench.AIMS, as_json)


@bench.command()
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(5, 3600), help="How long to write.")
@_checkout
@json_wish
def pipeline(seconds: int, checkout: Path, as_json: bool) -> None:
    """1,000 events a second with an attack in each: event to incident, incident to receipt, lost, doubled."""
    measured = pipeline_bench.measure(checkout, seconds=seconds, say=aside)
    _tell(measured, pipeline_bench.AIMS, as_json)


@bench.command()
@click.option("--lines", default=1_000_000, show_default=True, type=click.IntRange(1000, 100_000_000), help="How many.")
@json_wish
def history(lines: int, as_json: bool) -> None:
    """The event history: rows written a second, a filter, a full text, beside a plain file of JSON lines."""
    measured = history_bench.measure(lines, say=aside)
    _tell(measured, history_bench.AIMS, as_json)


@bench.command()
@click.option(
    "--attacks",
    default=500,
    show_default=True,
    type=click.IntRange(chaos_bench.FEWEST, chaos_bench.MOST),
    help="How many, each on a machine of its own.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Choose as that run did; else by chance.")
@click.option("--only-channel", is_flag=True, help="No attacks: the regulator's channel alone.")
@_checkout
@json_wish
def chaos(attacks: int, seed: int | None, only_channel: bool, checkout: Path, as_json: bool) -> None:
    """Attacks while everything fails: processes killed, disk full, logs cut, clocks stepped. Is anything lost?

    Then the regulator's channel: its process killed at every step, every wrong answer, three days of silence.
    """
    chosen = secrets.randbelow(2**32) if seed is None else seed
    measured = chaos_bench.Chaos.without_attacks(chosen)
    if not only_channel:
        measured = chaos_bench.measure(checkout, attacks=attacks, seed=chosen, say=aside)
    channel = channel_bench.measure(checkout, _database, say=aside)
    _tell(measured.with_channel(channel), chaos_bench.AIMS, as_json)


def _database(home: Path) -> Administrator:
    """The database of the house in `home`, as its superuser."""
    return Postgres(Instance.load(home)).connect()


@bench.command()
@click.option("--messages", default=500, show_default=True, type=click.IntRange(10, 4000), help="How many.")
@click.option("--connections", default=4, show_default=True, type=click.IntRange(2, 64), help="How many at a time.")
@click.option(
    "--events", default=60_000, show_default=True, type=click.IntRange(1000, 1_000_000), help="How many for the feed."
)
@_checkout
@json_wish
def asoi(messages: int, connections: int, events: int, checkout: Path, as_json: bool) -> None:
    """Sealed deliveries and events a second to the stand-in regulator, beside bare cryptography. Takes minutes."""
    measured = asoi_bench.measure(checkout, messages=messages, connections=connections, events=events, say=aside)
    _tell(measured, asoi_bench.AIMS, as_json)


@bench.command(name="annual-report")
@click.option("--incidents", default=5000, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@click.option("--entries", default=1500, show_default=True, type=click.IntRange(3, 10_000), help="In registers.")
@click.option(
    "--lines", default=100_000_000, show_default=True, type=click.IntRange(20, 10**12), help="Lines read in the year."
)
@_checkout
@json_wish
def annual_report(incidents: int, entries: int, lines: int, checkout: Path, as_json: bool) -> None:
    """The yearly information on a full year, both PDFs included, beside the same of an empty one. Takes minutes."""
    year = now().year - 1

    def fill(home: Path) -> None:
        fill_year(Instance.load(home), year, incidents=incidents, lines=lines)

    measured = annual_report_bench.measure(checkout, year=year, entries=entries, fill=fill, say=aside)
    _tell(measured, annual_report_bench.AIMS, as_json)


def _tell(measured: msgspec.Struct, aims: object, as_json: bool) -> None:
    shown = msgspec.json.format(msgspec.json.encode(measured), indent=2).decode()
    answer(msgspec.to_builtins(measured), f"{shown}\naims: {msgspec.json.encode(aims).decode()}", as_json=as_json)
