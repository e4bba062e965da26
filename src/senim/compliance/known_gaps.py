"""What the law asks and this platform does not show yet, each with its reason. The one list of debts of this kind.

A limb that is neither demonstrated by the tree nor here fails the suite; so does an entry whose limb has meanwhile been
demonstrated. An entry `partly` says that tests of a part exist and which part is missing; it stays until that comes.
"""

from dataclasses import dataclass

from senim.compliance.translation import mark as _


@dataclass(frozen=True)
class Gap:
    """A limb that is open, and why."""

    reason: str
    """English; translated when told."""
    partly: bool = False
    """Whether some of it is built and tested."""


_PARTICIPANTS = Gap(_("There is no register of participants and third-party access yet."))
_AGREEMENTS = Gap(
    _(
        "Agreements and what must stand in them are on record, and what is absent is named; no access is refused for"
        " it yet."
    ),
    partly=True,
)
_PEOPLE = Gap(
    _("Nobody confirms yet to have read an internal document, and no contract passes through a head of a unit.")
)
_GATE = Gap(_("There is no release gate yet."))
_CLIENTS = Gap(_("Clients have no web application, mobile application or accounts here yet."))
_MOBILE = Gap(_("There is no mobile application yet."))

_STAFF_DOOR = _("Only the staff console exists and is tested; the clients' web application does not yet.")

KNOWN_GAPS: dict[str, Gap] = {
    "R228/1/banks": _PARTICIPANTS,
    "R228/1/banking-operations": _PARTICIPANTS,
    "R228/1/microfinance": _PARTICIPANTS,
    "R228/1/trust-management": _PARTICIPANTS,
    "R228/37(1)": _PEOPLE,
    "R228/37(3)": _PEOPLE,
    "R228/40-1/period-and-extent": _PARTICIPANTS,
    "R228/40-1/agreement": _AGREEMENTS,
    "R228/40-1/confidentiality": _AGREEMENTS,
    "R228/40-1/damage": _AGREEMENTS,
    "R228/81-3(1)": _GATE,
    "R228/81-3(2)": _GATE,
    "R228/81-3(3)": _GATE,
    "R228/81-4": _GATE,
    "R228/81-5": _GATE,
    "R228/81-6": _GATE,
    "R228/81-7": _GATE,
    "R228/81-7(1)": _GATE,
    "R228/81-7(2)": _GATE,
    "R228/81-8": _GATE,
    "R228/81-8(1)": _GATE,
    "R228/81-8(2)": _GATE,
    "R228/81-8(3)": _GATE,
    "R228/81-8(4)": _GATE,
    "R228/81-8(5)": _GATE,
    "R228/81-8(6)": _GATE,
    "R228/81-8(7)": _GATE,
    "R228/81-9/vulnerabilities": _GATE,
    "R228/81-9/dependencies": _GATE,
    "R228/81-10": _GATE,
    "R228/81-10/critical": _GATE,
    "R228/81-11": _GATE,
    "R228/81-12": _GATE,
    "R228/81-13": Gap(_STAFF_DOOR, partly=True),
    "R228/81-14": _CLIENTS,
    "R228/81-15": _CLIENTS,
    "R228/81-16": Gap(_STAFF_DOOR, partly=True),
    "R228/81-17": _CLIENTS,
    "R228/81-18(1)": Gap(_STAFF_DOOR, partly=True),
    "R228/81-18(2)": Gap(_STAFF_DOOR, partly=True),
    "R228/81-18(3)": Gap(_STAFF_DOOR, partly=True),
    "R228/81-18(4)": Gap(_STAFF_DOOR, partly=True),
    "R228/81-18(5)": Gap(_STAFF_DOOR, partly=True),
    "R228/81-19(1)": _MOBILE,
    "R228/81-19(3)": _MOBILE,
    "R228/81-19(4)": _MOBILE,
    "R228/81-19(6)": _MOBILE,
    "R228/81-19(8)": _MOBILE,
    "R228/81-19(9)": _MOBILE,
    "R228/81-19(10)": _MOBILE,
    "R228/81-20(1)": Gap(_STAFF_DOOR, partly=True),
    "R228/81-20(2)": _MOBILE,
    "R228/81-20(3)": Gap(_STAFF_DOOR, partly=True),
    "R228/A2-1": _PARTICIPANTS,
    "R228/A2-1/providers": _PARTICIPANTS,
    "R228/A2-1/recipients": _PARTICIPANTS,
}
