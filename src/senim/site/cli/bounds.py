"""Numbers on the command line: each has a lowest and a highest value, because everybody mistypes."""

import math
from gettext import gettext as _
from typing import Any

import click


class Seconds(click.FloatRange):
    """A length of time from nothing to `longest` seconds."""

    def __init__(self, longest: float) -> None:
        super().__init__(0, longest)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """`value` as seconds; "not a number" compares with no bound and is refused by name."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(_("{value} is no number of seconds.").format(value=value), param, ctx)
        return seconds
