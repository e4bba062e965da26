"""How the stand-in behaves: well, or badly on request, so that a sender can be seen to cope."""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Ways to behave. Unless said otherwise the message is received and kept, and only the answer is wrong."""

    WELL = "well"
    ANOTHER_RECEIPT = "another-receipt"
    CLOCK_AHEAD = "clock-ahead"
    CLOCK_BEHIND = "clock-behind"
    CUT_AFTER = "cut-after"
    CUT_BEFORE = "cut-before"
    DISK_FULL = "disk-full"
    DOWN = "down"
    ERROR = "error"
    GARBAGE = "garbage"
    HALF = "half"
    LATE = "late"
    NEW_SCHEMA = "new-schema"
    SILENT = "silent"
    TWICE = "twice"
    WRONG_HASH = "wrong-hash"
    WRONG_ID = "wrong-id"
    WRONG_SIGNATURE = "wrong-signature"

    @property
    def meaning(self) -> str:
        """One line on what a sender sees."""
        return MEANINGS[self]

    @property
    def takes_delay(self) -> bool:
        """Whether this way to behave has a length of time."""
        return self in {Mode.CLOCK_AHEAD, Mode.CLOCK_BEHIND, Mode.LATE}


MEANINGS = {
    Mode.WELL: "receives, keeps, answers with a signed receipt",
    Mode.ANOTHER_RECEIPT: "answers with the true receipt of another message (503 while there is none)",
    Mode.CLOCK_AHEAD: "receives, keeps and signs by a clock that is ahead",
    Mode.CLOCK_BEHIND: "receives, keeps and signs by a clock that is behind",
    Mode.CUT_AFTER: "keeps the message, then closes the connection without an answer",
    Mode.CUT_BEFORE: "closes the connection before reading the message; nothing is kept",
    Mode.DISK_FULL: "its database may not grow: the message cannot be kept, the answer is 507",
    Mode.DOWN: "nobody listens: connections are refused",
    Mode.ERROR: "answers 503; nothing is kept",
    Mode.GARBAGE: "answers 200 with random bytes in place of the receipt",
    Mode.HALF: "sends half of the receipt, then closes the connection",
    Mode.LATE: "answers rightly, but late",
    Mode.NEW_SCHEMA: "answers with a receipt, truly signed, of another version and form than was agreed",
    Mode.SILENT: "reads the message and never answers, the connection stays open; nothing is kept",
    Mode.TWICE: "sends the whole answer twice on the same connection",
    Mode.WRONG_HASH: "answers with a receipt, truly signed, for another content",
    Mode.WRONG_ID: "answers with a receipt, truly signed, for another message id",
    Mode.WRONG_SIGNATURE: "answers with a receipt signed by a fresh key under the same name",
}


@dataclass(frozen=True)
class Behaviour:
    """How the stand-in behaves now, and until when."""

    mode: Mode = Mode.WELL
    times_left: int | None = None
    """For so many deliveries more; None: not counted."""
    until: datetime.datetime | None = None
    """None: until told otherwise."""
    delay: float = 0.0
    """Seconds that `late` waits before it answers, or by which the clock is wrong."""

    @property
    def clock_error(self) -> datetime.timedelta:
        """How far the clock by which it receives is ahead of the true one."""
        signs = {Mode.CLOCK_AHEAD: 1, Mode.CLOCK_BEHIND: -1}
        return signs.get(self.mode, 0) * datetime.timedelta(seconds=self.delay)

    def at(self, now: datetime.datetime) -> "Behaviour":
        """This behaviour if it still holds at `now`, else the good one."""
        over = self.times_left == 0 or (self.until is not None and self.until <= now)
        return Behaviour() if over else self

    def in_words(self) -> str:
        """For people on a command line."""
        words = f"{self.mode}: {self.mode.meaning}"
        if self.mode.takes_delay:
            words += f"; by {self.delay:g} s"
        if self.times_left is not None:
            words += f"; for {self.times_left} more deliveries"
        if self.until is not None:
            words += f"; until {self.until.isoformat(timespec='seconds')}"
        return words
