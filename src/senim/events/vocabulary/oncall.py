"""What the on-call room reports."""

from enum import StrEnum


class OncallEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    PAGE_ANSWERED = "oncall:page:answered"
    PAGE_WRITTEN = "oncall:page:written"
    TEST_ASKED = "oncall:test:asked"
