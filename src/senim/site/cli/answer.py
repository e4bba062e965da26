"""A command's answer: text for people or, where `--json` wishes it, one document for programs."""

import json

import click

json_wish = click.option("--json", "as_json", is_flag=True, help="Say it as JSON, failures too.")
"""The option of every command that reports something."""


def answer(value: object, text: str, *, as_json: bool) -> None:
    """Give `value` to a program or `text` to a person; no text, no line."""
    told = json.dumps(value, ensure_ascii=False) if as_json else text
    if told:
        click.echo(told)


def aside(text: str) -> None:
    """Say something that is no part of the answer: to people only."""
    click.echo(text, err=True)
