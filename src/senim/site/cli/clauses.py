"""`senim clauses`: limb by limb, where the law is kept, by which tests, and what is open."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from senim.clauses.model import Language
from senim.compliance import rendering
from senim.compliance.clause_map import ClauseMap, clause_map, map_of_tree
from senim.compliance.tree import Tree
from senim.site.cli.answer import aside, document
from senim.site.cli.ending import Exit
from senim.site.cli.language import asked_for


@click.command()
@click.option("--json", "form", flag_value="json", help="Say it as JSON, failures too.")
@click.option("--md", "form", flag_value="md", help="Say it as the page docs/clause-map.md.")
@click.option("--lang", type=click.Choice([each.value for each in Language]), help="kk, ru or en.")
@click.option("--tree", type=click.Path(path_type=Path, file_okay=False), help="The checkout to judge.")
def clauses(form: str | None, lang: str | None, tree: Path | None) -> None:
    """The law, limb by limb: the code that cites it, the tests that show it, its state.

    Exit 1 where the map is untrue (a wrong number, a gap nobody owns up to), 3 where there is no source tree.
    """
    language = Language(lang or asked_for())
    draw = map_of_tree if form == "md" else clause_map
    drawn = draw(Tree.at(tree), language)
    for line in _told(drawn, form, language):
        click.echo(line)
    for problem in drawn.problems:
        aside(f"senim: {problem}")
    sys.exit(Exit.WRONG if drawn.problems else Exit.DONE)


def _told(drawn: ClauseMap, form: str | None, language: Language) -> Iterable[str]:
    if form == "json":
        return [document(rendering.as_document(drawn), indent=2)]
    return rendering.as_page(drawn, language) if form == "md" else rendering.as_lines(drawn, language)
