"""Bar charts drawn on the server, as SVG without styles; the table behind them stands on the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from django.utils.translation import get_language

WIDTH, HEIGHT = 400, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 4, 12, 12
_LINES = 4
_NICE = (1, 2, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One bar, in the drawing's units."""

    x: float
    y: float
    width: float
    height: float
    is_late: bool
    title: str


@dataclass(frozen=True)
class Line:
    """A horizontal line and what it stands for."""

    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Everything that a template needs to draw."""

    bars: list[Bar]
    grid: list[Line]
    aim: Line
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM


def bars(values: Sequence[tuple[str, float]], aim: float) -> Chart:
    """Named values, oldest first, against `aim`; values above it are marked."""
    top = nice(max([aim * 1.25, *(value for _title, value in values)]))
    room = HEIGHT - _TOP - _BOTTOM

    def y(value: float) -> float:
        return round(HEIGHT - _BOTTOM - room * value / top, 2)

    step = (WIDTH - _LEFT - _RIGHT) / max(len(values), 12)
    drawn = [
        Bar(
            round(_LEFT + i * step + step * 0.18, 2),
            y(value),
            round(step * 0.64, 2),
            round(max(HEIGHT - _BOTTOM - y(value), 1), 2),
            value > aim,
            title,
        )
        for i, (title, value) in enumerate(values)
    ]
    grid = [Line(y(top * i / _LINES), _written(top * i / _LINES)) for i in range(_LINES + 1)]
    return Chart(drawn, grid, Line(y(aim), _written(aim)))


def _written(value: float) -> str:
    """`2,5`, as the reader's language writes numbers."""
    return str(format_decimal(value, format="0.##", locale=get_language() or "kk"))


def nice(value: float) -> float:
    """The next round number of 1, 2, 5, 10, 20 and so on."""
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(nice * magnitude for nice in _NICE if nice * magnitude >= value)
