"""What the law fixes for the yearly information."""

from datetime import date

from senim.clauses.figures import YearlyDay
from senim.clauses.registry import figure

DUE = figure("R228/79", "due", YearlyDay)
"""The last day in time."""


def due_on(year: int) -> date:
    """The last day on which the information of `year` is in time; that day itself is."""
    return DUE.last_day(year)
