"""What can be told to the regulator, by which way, and how a carrier's visit there ends."""

from enum import StrEnum


class Route(StrEnum):
    """By which way messages reach the regulator; its receipt alone delivers them, whichever it is."""

    DIRECT = "direct"
    NATIONAL_BANK = "national-bank"
    """Through the National Bank's informatisation objects, which are integrated with ASOI: for a bureau with state
    participation (R228/81/state-participation). What travels is sealed for the regulator; the bank cannot read it."""


class VisitOutcome(StrEnum):
    """How the visit of a carrier ended (`asoi.carriers`)."""

    DONE = "done"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    HOST_NOT_TRUSTED = "host-not-trusted"
    REFUSED = "refused"


class MessageKind(StrEnum):
    """The kinds of message."""

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

    @property
    def may_go_by_national_bank(self) -> bool:
        """Whether the law allows it: information on events and incidents, and not the yearly one of R228/79."""
        return self is not MessageKind.ANNUAL_REPORT


_PURPOSES = {
    MessageKind.ANNUAL_REPORT: "R228/79",
    MessageKind.EVENT_BATCH: "R228/81-2",
    MessageKind.INCIDENT_NOTICE: "R228/81-1",
    MessageKind.INCIDENT_UPDATE: "R228/81-1",
}
