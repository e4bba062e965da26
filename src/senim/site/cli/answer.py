"""A command's answer: text for people or, where `--json` wishes it, one document for programs."""

import json
import sys
from io import TextIOWrapper

import click

json_wish = click.option("--json", "as_json", is_flag=True, help="Say it as JSON, failures too.")
"""The option of every command that reports something."""


def speak_every_letter() -> None:
    """Let both outputs take every text: what their encoding has no letter for is written by its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def document(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON: in its own letters where standard output has all of them, else in JSON's numbers for them."""
    return json.dumps(value, ensure_ascii=sys.stdout.encoding.lower() != "utf-8", indent=indent)


def answer(value: object, text: str, *, as_json: bool) -> None:
    """Give `value` to a program or `text` to a person; no text, no line."""
    told = document(value) if as_json else text
    if told:
        click.echo(told)


def aside(text: str) -> None:
    """Say something that is no part of the answer: to people only."""
    click.echo(text, err=True)
