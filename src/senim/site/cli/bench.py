"""`senim bench`: how fast the house is, measured from outside against the aims it is held to."""

import subprocess
import sys
from pathlib import Path

import click
import msgspec

from senim.exercises.bench import history as history_bench
from senim.exercises.bench import pipeline as pipeline_bench
from senim.exercises.bench import start as start_bench
from senim.site.layout import CHECKOUT

NOT_MEASURED = 2
_FAILURES = (RuntimeError, ValueError, OSError, subprocess.SubprocessError)


@click.group()
def bench() -> None:
    """Benchmarks. They report and never fail for being slow; exit 2 where nothing could be measured."""


_checkout = click.option(
    "--checkout", type=click.Path(path_type=Path, exists=True), default=CHECKOUT, help="The source tree to measure."
)
_json = click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")


@bench.command()
@_checkout
@_json
def start(checkout: Path, as_json: bool) -> None:
    """A fresh clone, `make run`, the first page; then a second start, idle memory, disk. Takes minutes."""
    try:
        measured = start_bench.measure(checkout)
    except _FAILURES as reason:
        _could_not(reason)
    _tell(measured, start_bench.AIMS, as_json)


@bench.command()
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(5, 3600), help="How long to write.")
@_checkout
@_json
def pipeline(seconds: int, checkout: Path, as_json: bool) -> None:
    """1,000 events a second with an attack in each: event to incident, incident to receipt, lost, doubled."""
    try:
        measured = pipeline_bench.measure(checkout, seconds=seconds, say=lambda text: click.echo(text, err=True))
    except _FAILURES as reason:
        _could_not(reason)
    _tell(measured, pipeline_bench.AIMS, as_json)


@bench.command()
@click.option("--lines", default=1_000_000, show_default=True, type=click.IntRange(1000, 100_000_000), help="How many.")
@_json
def history(lines: int, as_json: bool) -> None:
    """The event history: rows written a second, a filter, a full text, beside a plain file of JSON lines."""
    try:
        measured = history_bench.measure(lines, say=lambda text: click.echo(text, err=True))
    except _FAILURES as reason:
        _could_not(reason)
    _tell(measured, history_bench.AIMS, as_json)


def _could_not(reason: Exception) -> None:
    click.echo(f"senim: {reason}", err=True)
    sys.exit(NOT_MEASURED)


def _tell(measured: msgspec.Struct, aims: object, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(measured).decode())
        return
    click.echo(msgspec.json.format(msgspec.json.encode(measured), indent=2).decode())
    click.echo(f"aims: {msgspec.json.encode(aims).decode()}")
