"""Which registers there are: what the console and the command line show, each owned by its room."""

from senim.availability.registers import REGISTERS as OF_AVAILABILITY
from senim.governance.registers import REGISTERS as OF_GOVERNANCE
from senim.participants.registers import REGISTERS as OF_PARTICIPANTS
from senim.registers.errors import NoSuchRegister
from senim.registers.register import Register
from senim.telemetry.registers import REGISTERS as OF_TELEMETRY

REGISTERS = (*OF_GOVERNANCE, *OF_TELEMETRY, *OF_PARTICIPANTS, *OF_AVAILABILITY)
"""In the order of R228/80."""


def register(name: str) -> Register:
    """The register called `name`. Raises `NoSuchRegister`."""
    found = {each.name: each for each in REGISTERS}.get(name)
    if found is None:
        raise NoSuchRegister
    return found
