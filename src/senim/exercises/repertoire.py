"""Everything that can be played: attacks, and near misses that must raise nothing. The whole list, on one page."""

from collections.abc import Sequence

from senim.exercises.access.session import ChangingNetworks, CopiedSession
from senim.exercises.access.superuser import AnotherSuperuser, OrdinaryEvening
from senim.exercises.downtime.scenario import AnHourExactly, AnnouncedWork, MoreThanAnHour, ShortOutage
from senim.exercises.malware.scenario import HonestFiles, InfectedFile
from senim.exercises.scenario import Scenario
from senim.exercises.ssh.scenario import OneFailureShort, PasswordsUntilOneWorks
from senim.exercises.transfers.scenario import (
    BelowTheLimit,
    ChangedAfterwards,
    ExactlyTheDay,
    ExecutedTwice,
    HonestRefunds,
    OverTheLimit,
    OwnApproval,
    WithoutApproval,
)
from senim.exercises.web.scenario import (
    DecoyExploited,
    DoorCrowded,
    DoorFlooded,
    HonestVisitors,
    JustBelowTheRate,
    ShortBurst,
    StormOfAddresses,
)

ATTACKS: Sequence[Scenario] = (
    DecoyExploited(),
    PasswordsUntilOneWorks(),
    CopiedSession(),
    AnotherSuperuser(),
    DoorFlooded(),
    DoorCrowded(),
    StormOfAddresses(),
    InfectedFile(),
    WithoutApproval(),
    ChangedAfterwards(),
    OwnApproval(),
    ExecutedTwice(),
    OverTheLimit(),
    BelowTheLimit(),
    MoreThanAnHour(),
)
"""Each must be detected, graded as its kind, sent and receipted; at most one incident each."""
NEAR_MISSES: Sequence[Scenario] = (
    HonestVisitors(),
    OneFailureShort(),
    ChangingNetworks(),
    OrdinaryEvening(),
    JustBelowTheRate(),
    ShortBurst(),
    HonestFiles(),
    HonestRefunds(),
    ExactlyTheDay(),
    AnHourExactly(),
    AnnouncedWork(),
    ShortOutage(),
)
"""Each is what honest people and machines do, as near to an attack as its rule allows."""
KINDS = tuple(sorted({scenario.kind for scenario in ATTACKS}))
"""The kinds that can be exercised."""
