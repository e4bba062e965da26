"""Kinds 1 and 3: an application is exploited, doors are denied to others; and what people do who mean no harm.

Clauses: R228/81-1(1) (exploitation of a vulnerability), R228/81-1(3) (denial of service).
"""

from urllib.parse import quote

from django.utils.translation import gettext as _

from senim.exercises.scenario import Played, Stage
from senim.exercises.web import attack
from senim.exercises.web.flood import Target, crowd, flood, own_addresses
from senim.exercises.web.site import WEB, serving

CONSOLE = "console"
"""The door of ours that is flooded."""
LASTS = 16.0
"""Seconds: longer than the ten that the rule asks for."""
SHORT = 6.0
FLOOD = 4
"""Times the limit: what is answered is counted, and a busy machine answers less than it is asked."""
STORM = 1000
"""Addresses."""


def _console(stage: Stage, marker: str) -> Target:
    return Target(stage.door(CONSOLE).port, f"/{quote(marker)}/", stage.instance.trust("ca"))


class DecoyExploited:
    """A vulnerable application gives away what it keeps: by hand, and by tools where they are installed."""

    kind = 1
    name = "web application"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: a vulnerable application is probed and exploited")

    def play(self, stage: Stage, marker: str) -> Played:
        """Attack. Raises `NotPlayed` where the decoy does not run or gives nothing away."""
        with serving(stage) as site:
            attack.with_tools(site, marker)
            attack.exploit(site, marker)
        return Played(real=site.nginx, note=site.note)


class HonestVisitors:
    """Names with an apostrophe, words that SQL has as well, a large download, a crawler that finds nothing."""

    kind = 1
    name = "web application, honest visitors"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: honest visitors of the same application")

    def play(self, stage: Stage, marker: str) -> Played:
        """Visit. Raises `NotPlayed` where the decoy does not run."""
        with serving(stage) as site:
            attack.visit(site, marker)
        return Played(real=site.nginx, note=site.note)


class DoorFlooded:
    """One address asks the console for far more than it is built for."""

    kind = 3
    name = "flood of requests"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: one address floods the console with requests")

    def play(self, stage: Stage, marker: str) -> Played:
        """Flood. Raises `NotPlayed` where nobody answers."""
        limit = stage.door(CONSOLE).requests
        flood(_console(stage, marker), own_addresses(1), rate=limit * FLOOD, seconds=LASTS, enough=limit)
        return Played()


class DoorCrowded:
    """One address holds connections to the console open and asks nothing."""

    kind = 3
    name = "slow requests"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: one address holds connections to the console open")

    def play(self, stage: Stage, marker: str) -> Played:
        """Hold twice as many as the limit. Raises `NotPlayed` where nobody answers."""
        (source,) = own_addresses(1)
        number = stage.door(CONSOLE).held * 2
        crowd(_console(stage, marker), source, connections=number, seconds=2 * LASTS)
        return Played()


class StormOfAddresses:
    """A thousand addresses, each with a few requests, flood another door."""

    kind = 3
    name = "storm from a thousand addresses"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: {number} addresses flood a web server").format(number=STORM)

    def play(self, stage: Stage, marker: str) -> Played:
        """Flood. Raises `NotPlayed` where the site does not run."""
        limit = stage.door(WEB).requests
        with serving(stage) as site:
            target = Target(site.port, f"/{marker}/page")
            flood(target, own_addresses(STORM), rate=limit * FLOOD, seconds=LASTS, enough=limit)
        return Played(real=site.nginx, note=site.note)


class JustBelowTheRate:
    """The console is asked as much as it is built for, for as long as the attack lasts."""

    kind = 3
    name = "requests just below the rate"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: requests to the console just below its limit")

    def play(self, stage: Stage, marker: str) -> Played:
        """Ask. Raises `NotPlayed` where nobody answers."""
        # A fifth less than the limit: how many fall into one second is not ours alone to say.
        rate = stage.door(CONSOLE).requests * 4 // 5
        flood(_console(stage, marker), own_addresses(1), rate=rate, seconds=LASTS)
        return Played()


class ShortBurst:
    """The rate of the attack, and over within seconds."""

    kind = 3
    name = "a short burst"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: a burst of requests to the console that is over in {number} seconds").format(
            number=round(SHORT)
        )

    def play(self, stage: Stage, marker: str) -> Played:
        """Ask. Raises `NotPlayed` where nobody answers."""
        rate = stage.door(CONSOLE).requests * 2
        flood(_console(stage, marker), own_addresses(1), rate=rate, seconds=SHORT)
        return Played()
