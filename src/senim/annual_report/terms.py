"""What the law fixes for the yearly information."""

from datetime import date, timedelta

from senim.clauses.figures import YearlyDay
from senim.clauses.registry import figure

DUE = figure("R228/79", "due", YearlyDay)
"""The last day in time."""
FIRST_YEAR = 2024
"""The year of the amendment that asks for it (Resolution 59); no earlier one is composed."""
LAST_CALL = timedelta(days=3)
"""Our choice: when so little time is left and the regulator has nothing, somebody is woken."""
FORETOLD = timedelta(days=50)
"""Our choice: so long before the last day people are reminded; in the last month of the year."""


def due_on(year: int) -> date:
    """The last day on which the information of `year` is in time; that day itself is."""
    return DUE.last_day(year)
