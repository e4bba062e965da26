"""Has people woken for what the checks find, once it has lasted: lateness and blindness, which no alert tells of.

What is asked is what *Now* shows, by the same checks. How long a fault must last stands with its check, so that nobody
is woken for a process that was being started again.
"""

from datetime import datetime

from senim.doctor.collection import of_house
from senim.kit.checks import Asked
from senim.oncall import operations, queries


class Watch:
    """Remembers since when a check has not found good order. A new watch begins to count anew: that costs minutes."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def look(self, asked: Asked) -> None:
        """Make every check; have somebody woken for what has lasted, and nobody any more for what is over."""
        told = queries.open_troubles()
        for result in of_house(asked):
            name, wakes = result.check.name, result.check.wakes
            if wakes is None:
                continue
            if result.ok:
                self._since.pop(name, None)
                if name in told:
                    operations.over(f"check:{name}", now=asked.now)
            elif asked.now - self._since.setdefault(name, asked.now) >= wakes:
                operations.wake_for_trouble(name, result.check.about, now=asked.now)
