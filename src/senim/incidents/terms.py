"""What the laws fix for incidents, by name."""

from senim.clauses.beside import duty

PERSONAL_DATA_DUTY = duty("L94-V/25(2)(8)")
BREACH_NOTICE = PERSONAL_DATA_DUTY.figures["notice"]
"""How long after it is known a breach of personal data may stay untold to the authority for them."""
