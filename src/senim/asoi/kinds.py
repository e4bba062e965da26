"""What can be told to the regulator."""

from enum import StrEnum


class MessageKind(StrEnum):
    """The kinds of message; those about incidents have a producer so far."""

    ANNUAL_REPORT = "AnnualReport"
    EVENT_BATCH = "EventBatch"
    INCIDENT_NOTICE = "IncidentNotice"
    INCIDENT_UPDATE = "IncidentUpdate"

    @property
    def purpose(self) -> str:
        """The limb of the law that this kind fulfils, as the signed bytes name it."""
        return _PURPOSES[self]

    @property
    def has_file_form(self) -> bool:
        """Whether it may go in electronic format: R228/81-2 has events go into ASOI and knows no other form."""
        return self is not MessageKind.EVENT_BATCH


_PURPOSES = {
    MessageKind.ANNUAL_REPORT: "R228/79",
    MessageKind.EVENT_BATCH: "R228/81-2",
    MessageKind.INCIDENT_NOTICE: "R228/81-1",
    MessageKind.INCIDENT_UPDATE: "R228/81-1",
}
