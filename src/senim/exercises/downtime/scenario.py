"""Kind 6: a service is down for more than an hour; and what is just not that.

Clauses: R228/81-1(6) (downtime of more than one hour).
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.exercises.downtime.monitor import EVERY, HOUR, outage, write
from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Played, Stage
from senim.kit.clock import now

SOURCE = "monitor"
"""The source in which the bureau's own monitor writes."""
_NOT_REAL = gettext_lazy("samples pushed with their own times")


class MoreThanAnHour:
    """A service that exists for this alone was down for a minute more than an hour; its last sample is of now."""

    kind = 6
    name = "downtime"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("a service was down for {minutes} minutes").format(minutes=_minutes(HOUR + EVERY))

    def play(self, stage: Stage, marker: str) -> Played:
        """Push the samples."""
        _push(stage, marker, now() - HOUR - EVERY, HOUR + EVERY)
        return Played(real=False, note=str(_NOT_REAL))


class AnHourExactly:
    """It came back after exactly an hour: a person was called, the regulator is not told."""

    kind = 6
    name = "downtime, an hour exactly"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: a service was down for {minutes} minutes exactly").format(minutes=_minutes(HOUR))

    def play(self, stage: Stage, marker: str) -> Played:
        """Push the samples."""
        _push(stage, marker, now() - HOUR, HOUR)
        return Played(real=False, note=str(_NOT_REAL), warnings=1)


class ShortOutage:
    """A minute less than what a person is called for."""

    kind = 6
    name = "downtime, short"
    lasts = timedelta(minutes=44)

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: a service was down for {minutes} minutes").format(minutes=_minutes(self.lasts))

    def play(self, stage: Stage, marker: str) -> Played:
        """Push the samples."""
        _push(stage, marker, now() - self.lasts, self.lasts)
        return Played(real=False, note=str(_NOT_REAL))


class AnnouncedWork:
    """An hour and a half of work that was announced."""

    kind = 6
    name = "downtime, announced work"
    lasts = timedelta(minutes=90)

    @property
    def about(self) -> str:
        """For whoever watches."""
        minutes = _minutes(self.lasts)
        return _("near miss: a service was down for {minutes} minutes of announced work").format(minutes=minutes)

    def play(self, stage: Stage, marker: str) -> Played:
        """Announce the work at the console's door, then push the samples. Raises `NotPlayed` without a door."""
        if stage.console is None:
            raise NotPlayed(_("work is announced at the console, and nobody is signed in there"))
        began = now() - self.lasts
        since, until = began - EVERY, began + self.lasts + EVERY
        stage.console.announce_maintenance(marker, since.isoformat(), until.isoformat(), "exercise: announced work")
        _push(stage, marker, began, self.lasts)
        return Played(real=False, note=str(_NOT_REAL))


def _push(stage: Stage, marker: str, began: datetime, lasts: timedelta) -> None:
    write(stage.log_of(SOURCE), marker, outage(began, lasts))


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
