"""What can be told to the regulator."""

from enum import StrEnum


class MessageKind(StrEnum):
    """The kinds of message; the annual report has no producer yet."""

    ANNUAL_REPORT = "AnnualReport"
    EVENT_BATCH = "EventBatch"
    INCIDENT_NOTICE = "IncidentNotice"
    INCIDENT_UPDATE = "IncidentUpdate"

    @property
    def purpose(self) -> str:
        """The limb of the law that this kind fulfils, as the signed bytes name it."""
        return _PURPOSES[self]


_PURPOSES = {
    MessageKind.ANNUAL_REPORT: "R228/79",
    MessageKind.EVENT_BATCH: "R228/81-2",
    MessageKind.INCIDENT_NOTICE: "R228/81-1",
    MessageKind.INCIDENT_UPDATE: "R228/81-1",
}
