"""Who answers for entries."""

from tests.registers.conftest import owner

__all__ = ["owner"]
