"""The register of the software and hardware that serve information security, and how many there are.

Clauses: R228/80(3).

Most are counted by a person. Those that write logs which Senim collects may be counted from telemetry: the entry then
names its sources, and is told to lack something as soon as one of them has never been read.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text
from senim.registers.fields import Day, Line, Whole, Word, in_both
from senim.registers.register import Facts, Lack, Register, needed_where
from senim.telemetry import queries

_KINDS = {"software": _("Software"), "hardware": _("Hardware")}
_COUNTED = {"by-hand": _("By hand"), "from-telemetry": _("From telemetry")}


def _one_source_each(facts: Facts) -> Iterator[tuple[str, Text]]:
    # R228/80(3): their quantity. What is counted from telemetry is as many as its sources.
    number = len(set(facts["sources"].split()))
    if facts["counted"] == "from-telemetry" and facts["quantity"] != str(number):
        yield "quantity", format_lazy(_("It names {} sources: the quantity is as many"), number)


def _tools_lack(entries: Mapping[UUID, Facts], moment: datetime) -> Iterator[Lack]:
    for pk, facts in entries.items():
        unread = [source for source in facts["sources"].split() if not queries.has_begun(source, by=moment)]
        if unread:
            yield Lack("source-never-read", format_lazy(_("Never read: {}"), ", ".join(unread)), pk)


TOOLS = Register(
    name="security-tools",
    title=_("Security tools"),
    about=_("Software and hardware that serve information security, each with its quantity."),
    clause="R228/80(3)",
    fields=(
        *in_both(Line, "title", _("Name")),
        Word("kind", _("Kind"), words=_KINDS),
        *in_both(Line, "purpose", _("What it serves")),
        Whole("quantity", _("Quantity")),
        Word("counted", _("Counted"), words=_COUNTED),
        Day("counted_on", _("Counted on")),
        Line("counted_by", _("Counted by"), required=False, help=_("Who counted, where it was by hand.")),
        Line("sources", _("Sources"), required=False, help=_("Their names by blanks, where telemetry counts.")),
    ),
    named_by="title",
    shown=("kind", "quantity", "counted", "counted_on"),
    rules=(
        needed_where("counted", "by-hand", "counted_by"),
        needed_where("counted", "from-telemetry", "sources"),
        _one_source_each,
    ),
    lacks=_tools_lack,
)
REGISTERS = (TOOLS,)
