"""The six kinds of incident that go to the regulator."""

from enum import IntEnum

from senim.incidents.errors import NotOneOfTheSix


class IncidentKind(IntEnum):
    """A kind; its number is its item in R228/81-1."""

    EXPLOITATION_OF_VULNERABILITY = 1
    UNAUTHORISED_ACCESS = 2
    DENIAL_OF_SERVICE = 3
    MALWARE_ON_SERVER = 4
    UNAUTHORISED_TRANSFER = 5
    OTHER_WITH_DOWNTIME = 6

    @classmethod
    def of(cls, item: int | None) -> "IncidentKind":
        """The kind with this item number. Raises `NotOneOfTheSix`: a person must look first."""
        # R228/81-1: only the six kinds that it lists are told to the regulator as incidents.
        if item is None or item not in cls._value2member_map_:
            raise NotOneOfTheSix(str(item))
        return cls(item)

    @property
    def clause(self) -> str:
        """The limb that names this kind: `R228/81-1(2)`."""
        return f"R228/81-1({self.value})"
