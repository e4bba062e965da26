"""What can be said of the management system's registers: is every entry reviewed in time?"""

from senim.governance.registers import REGISTERS
from senim.registers.checks import reviewed

CHECKS = (reviewed("governance", REGISTERS),)
