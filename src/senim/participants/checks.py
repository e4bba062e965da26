"""What can be said of the register of agreements: is every entry reviewed in time?"""

from senim.participants.registers import REGISTERS
from senim.registers.checks import reviewed

CHECKS = (reviewed("participants", REGISTERS),)
