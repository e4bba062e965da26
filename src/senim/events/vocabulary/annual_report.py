"""What the annual report reports."""

from enum import StrEnum


class AnnualReportEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    REPORT_FILED = "annual-report:report:filed"
    REPORT_REFUSED = "annual-report:report:refused"
