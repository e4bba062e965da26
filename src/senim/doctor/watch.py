"""Has people woken for what the checks find, once it has lasted: lateness and blindness, which no alert tells of.

What is asked is what *Now* shows, by the same checks. How long a fault must last stands with its check, so that nobody
is woken for a process that was being started again.
"""

from datetime import datetime

from senim.doctor.collection import of_waking
from senim.kit.checks import Asked, Check
from senim.oncall import operations, queries


class Watch:
    """Remembers since when a check has not found good order. A new watch begins to count anew: that costs minutes."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def look(self, asked: Asked) -> None:
        """Make every check that wakes; have somebody woken for what has lasted, and nobody for what is over."""
        told = queries.open_troubles()
        for result in of_waking(asked):
            check = result.check
            if result.ok:
                self._since.pop(check.name, None)
                if check.name in told:
                    operations.over(f"check:{check.name}", now=asked.now)
            elif self._has_lasted(check, asked.now):
                operations.wake_for_trouble(check.name, check.about, now=asked.now)

    def _has_lasted(self, check: Check, moment: datetime) -> bool:
        since = self._since.setdefault(check.name, moment)
        return check.wakes is not None and moment - since >= check.wakes
