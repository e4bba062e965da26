"""What the law fixes for downtime, by name."""

from senim.clauses.figures import Duration
from senim.clauses.registry import figure

DOWNTIME = figure("R228/81-1(6)", "downtime", Duration)
"""How long an information system must have been down for its outage to be told to the regulator."""
