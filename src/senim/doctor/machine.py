"""What only somebody at the machine can see, as checks."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from senim.doctor import children, clocks, disk, door, files
from senim.doctor.house import House
from senim.kit.checks import Asked, Check, Fault

_DOOR, _CHILDREN, _DISK = _("The console's door"), _("What the supervisor runs"), _("Room on disk")
_CLOCK, _KEYS, _CERTIFICATES = _("The clock"), _("Keys and secrets"), _("Certificates of the doors")
ABOUT = (_DOOR, _CHILDREN, _DISK, _CLOCK, _KEYS, _CERTIFICATES)
"""What these checks are about, for whoever cannot make them."""


def checks(house: House) -> tuple[Check, ...]:
    """The checks of `house` itself; no room answers for these."""

    def through(_asked: Asked) -> Iterable[Fault]:
        return door.faults(house.door)

    def alive(_asked: Asked) -> Iterable[Fault]:
        return children.faults(house.noted)

    def room(_asked: Asked) -> Iterable[Fault]:
        return disk.faults(house.folders)

    def right(asked: Asked) -> Iterable[Fault]:
        return clocks.faults(house.noted, must_be_synchronised=not asked.instance.is_demonstration)

    def closed(asked: Asked) -> Iterable[Fault]:
        return files.exposed(asked.instance.home, house.private)

    def valid(asked: Asked) -> Iterable[Fault]:
        return files.ending(asked.instance.home, house.certificates, asked.now)

    tls = _("TLS 1.0 and 1.1 are refused, 1.2 and 1.3 taken, each tried by a handshake.")
    clock = _("It was not set while the house runs, and in production somebody keeps it right.")
    return (
        Check("doctor:door", _DOOR, tls, through),
        Check("doctor:children", _CHILDREN, _("Every process that the supervisor started is there."), alive),
        Check("doctor:disk", _DISK, _("There is room where the house writes."), room),
        Check("doctor:clock", _CLOCK, clock, right),
        Check("doctor:keys", _KEYS, _("All are there, each its owner's alone."), closed),
        Check("doctor:certificates", _CERTIFICATES, _("All are valid for thirty days more."), valid),
    )
