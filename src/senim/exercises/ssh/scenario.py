"""Kind 2 by password: somebody tries until one works; and somebody who mistypes, then remembers.

Clauses: R228/81-1(2) (unauthorised access).
"""

from django.utils.translation import gettext as _

from senim.exercises.scenario import Played, Stage
from senim.exercises.ssh import attack

SOURCE = "sshd"
"""The source in whose log the attack appears."""
FAILURES = 8
"""Wrong passwords before the right one: more than the rule asks for."""
NEAR_MISS = 4
"""Wrong passwords of somebody who then remembers: one fewer than the rule asks for."""


class PasswordsUntilOneWorks:
    """Passwords are tried for an account that exists for this alone, until one works."""

    kind = 2
    name = "sshd"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: {number} wrong passwords, then the right one").format(number=FAILURES)

    def play(self, stage: Stage, marker: str) -> Played:
        """Attack. Raises `NotPlayed` where a real server misbehaves."""
        return attack.play(stage.log_of(SOURCE), marker, failures=FAILURES)


class OneFailureShort:
    """The same with one wrong password fewer than the rule asks for."""

    kind = 2
    name = "sshd, one failure short"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: {number} wrong passwords, then the right one").format(number=NEAR_MISS)

    def play(self, stage: Stage, marker: str) -> Played:
        """Mistype. Raises `NotPlayed` where a real server misbehaves."""
        return attack.play(stage.log_of(SOURCE), marker, failures=NEAR_MISS)
