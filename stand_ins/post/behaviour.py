"""How a way behaves: well, or badly on request, so that a sender can be seen to cope."""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Ways to behave."""

    WELL = "well"
    CUT_AFTER = "cut-after"
    DOWN = "down"
    ERROR = "error"
    LATE = "late"
    PLAIN = "plain"
    REFUSE = "refuse"
    SILENT = "silent"
    TWICE = "twice"


MEANINGS = {
    Mode.WELL: "takes what comes, keeps it, says so",
    Mode.CUT_AFTER: "keeps it, then closes the connection without an answer",
    Mode.DOWN: "nobody listens: connections are refused",
    Mode.ERROR: "answers that it fails just now (503, SMTP 451); nothing is kept",
    Mode.LATE: "takes it, and answers late",
    Mode.PLAIN: "mail only: offers no STARTTLS",
    Mode.REFUSE: "answers that it will never take this (403, SMTP 550); nothing is kept",
    Mode.SILENT: "reads and never answers, the connection stays open; nothing is kept",
    Mode.TWICE: "hands the same letter over twice, as a network that repeats itself does",
}


@dataclass(frozen=True)
class Behaviour:
    """How a way behaves now, and until when."""

    mode: Mode = Mode.WELL
    times_left: int | None = None
    """For so many letters more; None: not counted."""
    until: datetime.datetime | None = None
    delay: float = 0.0
    """Seconds that `late` waits before it answers."""

    def at(self, now: datetime.datetime) -> "Behaviour":
        """This behaviour if it still holds at `now`, else the good one."""
        over = self.times_left == 0 or (self.until is not None and self.until <= now)
        return Behaviour() if over else self
