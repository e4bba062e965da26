"""`make clause-mutants`: take citing checks out and demand that the tests which claim their limbs fail."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from senim.clauses.registry import limb
from senim.compliance.mutants.sample import Fate, Trial, attempt, claims, sample
from senim.compliance.tree import Tree


@click.command()
@click.option("--only", metavar="NUMBER", default="", help="Every check of one limb, R228/81-1(2).")
@click.option("--sample", "size", type=click.IntRange(min=1), default=8, show_default=True, help="How many checks.")
@click.option("--all", "everything", is_flag=True, help="Every check.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@click.option("--tree", "root", type=click.Path(path_type=Path, file_okay=False), help="The checkout to try.")
def main(only: str, size: int, everything: bool, as_json: bool, root: Path | None) -> None:
    """Take citing checks out one by one, in a copy: the tests that claim their limbs must fail.

    Exit 1 where a mutant was not killed: it survived, its tests fail with the check in place, they fell over without
    showing anything, or no rule takes it out; the last two may be excused with a reason (`mutants.excused`). Likewise
    where nothing was tried.
    """
    tree = Tree.at(root)
    if only:
        limb(only)  # a mistyped number is refused by name
    found = claims(tree, only)
    chosen = found if everything or only else sample(tree, found, size)
    trials = []
    for trial in attempt(tree, chosen):
        trials.append(trial)
        if not as_json:
            click.echo(_line(trial))
    if as_json:
        click.echo(json.dumps({"trials": [_as_json(trial) for trial in trials]}, indent=2))
    else:
        click.echo(_sum(trials, len(found)))
    fates = Counter(trial.fate for trial in trials)
    sys.exit(0 if fates[Fate.KILLED] and all(trial.shows for trial in trials) else 1)


def _line(trial: Trial) -> str:
    citation = trial.claim.citation
    excuse = f"  ({trial.excuse})" if trial.excuse else ""
    return f"{trial.fate.value:<10} {citation.number:<24} {citation.place}  {trial.what}{excuse}"


def _as_json(trial: Trial) -> dict[str, object]:
    citation = trial.claim.citation
    return {
        "id": citation.number,
        "at": citation.place,
        "what": trial.what,
        "fate": trial.fate.value,
        "excuse": trial.excuse,
        "tests": list(trial.claim.tests),
    }


def _sum(trials: Sequence[Trial], of: int) -> str:
    if not trials:
        return "nothing to try: no check cites a limb that a test claims"
    fates = Counter(trial.fate for trial in trials)
    told = ", ".join(f"{fate.value}: {fates[fate]}" for fate in Fate)
    return f"{told} ({len(trials)} of {of} citing checks)"


if __name__ == "__main__":
    main()
