"""`senim annual-report`: the yearly information as it stands or stood, what was filed, whether that comes out again."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from senim.annual_report.settings import FIRST_YEAR
from senim.kit.clock import iso, now
from senim.kit.files import PRIVATE_FILE, new_file
from senim.kit.instance import Instance
from senim.kit.moments import end_of, local_day, written
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.annual_report.composing import Composed
    from senim.annual_report.models import Filing


@click.command(name="annual-report")
@click.argument("year", type=click.IntRange(FIRST_YEAR, 9999))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="As it was known at the end of this day (2026-12-31).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write it there: JSON, PDF kk and ru.")
@click.option("--rederive", is_flag=True, help="Compose what was filed anew and compare it, byte for byte.")
@json_wish
def annual_report(year: int, as_of: datetime | None, out: Path | None, rederive: bool, as_json: bool) -> None:
    """The yearly information for YEAR: its six sections, what each lacks, what was filed.

    Exit 1: a section lacks something, or what was filed does not come out again as it was.
    """
    instance = as_operator()
    from senim.annual_report.composing import compose

    composed = compose(instance, year, _moment(as_of))
    told = _told(composed)
    filings = [_filing(instance, each, rederive=rederive) for each in _filings(year)]
    if out is not None:
        _write(composed, out)
    answer({**told, "filings": filings}, "\n".join([*_lines(composed, told), *_lines_of(filings)]), as_json=as_json)
    is_other = any(each.get("rederived") is False for each in filings)
    sys.exit(Exit.WRONG if is_other or not composed.is_complete else Exit.DONE)


def _moment(as_of: datetime | None) -> datetime:
    """The last moment of a day, of one that lasts the present one; none named: now."""
    present = now()
    if as_of is None or as_of.date() == local_day(present):
        return present
    return end_of(as_of.date())


def _told(composed: "Composed") -> dict[str, Any]:
    content = composed.content
    sections = [
        {word: each[word] for word in ("number", "clause", "complete", "missing")} for each in content["sections"]
    ]
    return {
        "year": composed.year,
        "due": content["due"],
        "as_of": content["as_of"],
        "complete": composed.is_complete,
        "sections": sections,
        "sha256": composed.sha256,
    }


def _lines(composed: "Composed", told: dict[str, Any]) -> list[str]:
    said = {"year": composed.year, "due": told["due"], "as_of": written(composed.moment)}
    lines = [_("Yearly information for %(year)d, due on %(due)s, as of %(as_of)s") % said]
    for each in told["sections"]:
        state = _("complete") if each["complete"] else _("not complete")
        lines.append(f"{each['number']}  {each['clause']}  {state}")
        for register, lack in composed.lacks[each["number"]]:
            lines.append(f"   {_('missing')}: {register.name}: {lack.said} {lack.entry or ''}".rstrip())
    return [*lines, f"SHA-256 {told['sha256']}"]


def _filings(year: int) -> "list[Filing]":
    from senim.annual_report import queries

    return list(queries.filings(year))


def _filing(instance: Instance, filing: "Filing", *, rederive: bool) -> dict[str, Any]:
    report = getattr(filing, "report", None)
    message = report.message if report else None
    told = {
        "number": filing.number,
        "at": iso(filing.at),
        "as_of": iso(filing.as_of),
        "sha256": filing.sha256,
        "refusal": report.refusal if report else "",
        "message": str(message.pk) if message else None,
        "state": message.state if message else None,
    }
    if rederive and message:
        told["rederived"] = _comes_out_again(instance, filing)
    return told


def _comes_out_again(instance: Instance, filing: "Filing") -> bool:
    """Whether content and PDFs come out again as they were filed; PDFs where the same program sets them."""
    from senim.annual_report.composing import compose
    from senim.annual_report.typesetting import LANGUAGES, SETTER, pdf

    content = compose(instance, filing.year, filing.as_of)
    is_alike = content.written == filing.report.content.encode()
    if filing.report.set_by != SETTER:
        return is_alike
    made = {language: pdf(filing.report.composed, language, draft=False) for language in LANGUAGES}
    return is_alike and all(filing.report.pdf(language) == made[language] for language in LANGUAGES)


def _lines_of(filings: list[dict[str, Any]]) -> list[str]:
    words = {True: _("comes out again, byte for byte"), False: _("DOES NOT COME OUT AGAIN"), None: ""}
    return [
        "  ".join(
            (f"{each['number']}  {each['at']}", each["refusal"] or each["state"] or "", words[each.get("rederived")])
        ).rstrip()
        for each in filings
    ]


def _write(composed: "Composed", out: Path) -> None:
    """Write the document and its twin into the folder `out`. Raises `FileThere`."""
    from senim.annual_report.typesetting import LANGUAGES, pdf

    made = {f"-{language}.pdf": pdf(composed.content, language, draft=True) for language in LANGUAGES}
    out.mkdir(parents=True, exist_ok=True)
    for ending, data in {".json": composed.written, **made}.items():
        with new_file(out / f"annual-report-{composed.year}{ending}", mode=PRIVATE_FILE) as write:
            write(data)
