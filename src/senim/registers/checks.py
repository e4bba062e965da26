"""What can be said of a register's good order: is every entry reviewed in time?"""

from collections.abc import Iterator, Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.kit.checks import Asked, Check, Fault
from senim.registers import queries
from senim.registers.register import Register


def reviewed(room: str, registers: Sequence[Register]) -> Check:
    """The check of `room` that no entry of its `registers` is past its day of review."""

    def _find(asked: Asked) -> Iterator[Fault]:
        for register in registers:
            if number := queries.past_review(register, asked.now).count():
                what = ngettext(
                    "Register “%(title)s”: the review of %(number)s entry is due",
                    "Register “%(title)s”: the review of %(number)s entries is due",
                    number,
                )
                remedy = _("Its owner looks whether it still holds, and writes a new version with a later day")
                yield Fault(what % {"title": register.title, "number": number}, remedy, subject=register.name)

    titles = ", ".join("{}" for _register in registers)
    return Check(
        f"{room}:review",
        format_lazy(f"{{}}: {titles}", gettext_lazy("Registers are reviewed"), *(one.title for one in registers)),
        gettext_lazy("No entry of a register is past its day of review."),
        _find,
    )
