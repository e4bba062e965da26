"""The register of backup data-processing centres: whether there are any, how they are equipped, whether they are ready.

Clauses: R228/80(5).

That there is none is a statement by a person, not an empty register: an entry says so.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text
from senim.registers.fields import Day, Line, Prose, Whole, Word, in_both
from senim.registers.register import Facts, Lack, Register, needed_where, needed_with


def _centres_lack(entries: Mapping[UUID, Facts], _moment: datetime) -> Iterator[Lack]:
    # R228/80(5): existence, equipment and readiness. "None" and a centre exclude each other; a test shows readiness.
    exist = [facts["existence"] == "exists" for facts in entries.values()]
    if any(exist) and not all(exist):
        yield Lack("contradiction", _("One entry says that there is no backup centre, another names one"))
    for pk, facts in entries.items():
        if facts["existence"] == "exists" and not facts["tested_on"]:
            yield Lack("not-tested", _("No switch-over to it was tested yet"), pk)


def _nothing_tested(facts: Facts) -> Iterator[tuple[str, Text]]:
    if facts["existence"] == "none" and facts["tested_on"]:
        yield "tested_on", _("There is no centre that could have been tested")


_TEST = ("outcome", "duration_minutes")

CENTRES = Register(
    name="backup-centres",
    title=_("Backup data-processing centres"),
    about=_("Backup centres, or the statement that there is none; how each is equipped and how it was tested last."),
    clause="R228/80(5)",
    fields=(
        Word("existence", _("Existence"), words={"exists": _("Exists"), "none": _("There is none")}),
        *in_both(Line, "title", _("Name, or the statement that there is none")),
        *in_both(Prose, "provision", _("Material and technical provision"), required=False),
        Day("tested_on", _("Switch-over tested on"), required=False),
        Word(
            "outcome",
            _("Outcome of the test"),
            required=False,
            words={"ready": _("Ready"), "partly": _("Ready in part"), "failed": _("Not ready")},
        ),
        Whole("duration_minutes", _("Duration of the switch-over, minutes"), required=False),
    ),
    named_by="title",
    shown=("existence", "tested_on", "outcome", "duration_minutes"),
    rules=(
        needed_where("existence", "exists", "provision_kk", "provision_ru"),
        needed_with("tested_on", *_TEST),
        _nothing_tested,
    ),
    lacks=_centres_lack,
)
REGISTERS = (CENTRES,)
