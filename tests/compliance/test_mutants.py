"""A check is taken out of a small tree: good tests notice, others are found out."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from senim.clauses.errors import UnknownClause
from senim.compliance.mutants.__main__ import main
from senim.compliance.mutants.excused import EXCUSED
from senim.compliance.mutants.sample import claims, sample
from senim.compliance.mutants.trial import WrongCode, copy_of
from senim.compliance.tree import Tree
from senim.site.layout import CHECKOUT

from .conftest import CODE, DOOR, NUMBER

BLIND = DOOR.replace("drive(51)", "raise TooFast")
"""Tests that pass whether or not the limit is kept."""


def mutants(tree: Tree, *options: str) -> tuple[int, list[dict[str, object]]]:
    ended = CliRunner().invoke(main, ["--tree", str(tree.root), "--json", *options], catch_exceptions=False)
    return ended.exit_code, json.loads(ended.output)["trials"]


def test_a_mutant_that_the_refusal_notices_is_killed(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    code, [trial] = mutants(tree)
    assert code == 0
    assert (trial["id"], trial["at"], trial["what"], trial["fate"]) == (
        NUMBER,
        "src/senim/limit.py:10",
        "if speed > 50:",
        "killed",
    )
    assert (tree.root / "src/senim/limit.py").read_text(encoding="utf-8") == CODE


def test_a_mutant_that_no_test_notices_survives_and_fails_the_command(make_tree: Callable[..., Tree]) -> None:
    code, [trial] = mutants(make_tree(**{"tests/functional/test_limit.py": BLIND}))
    assert (code, trial["fate"]) == (1, "survived")


def test_tests_that_fail_with_the_check_in_place_prove_nothing(make_tree: Callable[..., Tree]) -> None:
    code, [trial] = mutants(make_tree(**{"src/senim/limit.py": CODE.replace("speed > 50", "speed > 40")}))
    assert (code, trial["fate"]) == (1, "unsound")


def test_a_mutant_that_does_not_load_proves_nothing(make_tree: Callable[..., Tree]) -> None:
    text = CODE.replace(
        "class TooFast", f"# {NUMBER}: a name.\nNAME = str('a')\nLONG = NAME.upper()\n\n\nclass TooFast"
    )
    code, trials = mutants(make_tree(**{"src/senim/limit.py": text}), "--all")
    assert (code, sorted(str(trial["fate"]) for trial in trials)) == (1, ["broken", "killed"])


def test_a_program_that_merely_falls_over_proves_nothing(make_tree: Callable[..., Tree]) -> None:
    text = CODE.replace(
        "    return speed", f"    # {NUMBER}: so many fifths.\n    fifths = speed * 5\n    return fifths // 5"
    )
    code, trials = mutants(make_tree(**{"src/senim/limit.py": text}), "--all")
    assert (code, sorted(str(trial["fate"]) for trial in trials)) == (1, ["broken", "killed"])


def test_what_cannot_be_tried_is_excused_with_a_reason_only(
    make_tree: Callable[..., Tree], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CODE.replace('"""A limit."""', f'"""A limit."""\n# {NUMBER}: needed.\nimport os')
    tree = make_tree(**{"src/senim/limit.py": text})
    assert mutants(tree, "--all")[0] == 1
    monkeypatch.setitem(EXCUSED, ("src/senim/limit.py", "no rule takes out: import os"), "an import has no rule")
    code, trials = mutants(tree, "--all")
    assert (code, {trial["excuse"] for trial in trials}) == (0, {"", "an import has no rule"})


def test_a_survivor_has_no_excuse(make_tree: Callable[..., Tree], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXCUSED, ("src/senim/limit.py", "if speed > 50:"), "we would rather not")
    code, [trial] = mutants(make_tree(**{"tests/functional/test_limit.py": BLIND}))
    assert (code, trial["fate"], trial["excuse"]) == (1, "survived", "")


def test_every_excuse_is_of_a_check_that_stands() -> None:
    for path, what in EXCUSED:
        assert what.removeprefix("no rule takes out: ") in {
            line.strip() for line in (CHECKOUT / path).read_text(encoding="utf-8").splitlines()
        }


def test_where_no_rule_fits_it_is_said(make_tree: Callable[..., Tree]) -> None:
    text = CODE.replace('"""A limit."""', f'"""A limit."""\n# {NUMBER}: needed.\nimport os')
    _, trials = mutants(make_tree(**{"src/senim/limit.py": text}), "--all")
    assert sorted(str(trial["fate"]) for trial in trials) == ["killed", "not tried"]


def test_a_rule_is_taken_out_whole(make_tree: Callable[..., Tree]) -> None:
    reads = '\n\n@pytest.mark.clause("R228/79")\ndef test_rule() -> None:\n    assert open("rules/r.yml").read()\n'
    tree = make_tree(**{"rules/r.yml": "# R228/79\n", "tests/functional/test_limit.py": DOOR + reads})
    code, [trial] = mutants(tree, "--only", "R228/79")
    assert (code, trial["at"], trial["fate"]) == (0, "rules/r.yml:1", "killed")


def test_nothing_to_try_is_no_success(make_tree: Callable[..., Tree]) -> None:
    assert mutants(make_tree(), "--only", "R228/80(1)") == (1, [])
    with pytest.raises(UnknownClause, match="97"):
        mutants(make_tree(), "--only", "R228" + "/97")


def test_a_sample_takes_limbs_in_turn(make_tree: Callable[..., Tree]) -> None:
    more = "".join(f"\n\ndef f{n}() -> None:\n    # {NUMBER}: more.\n    print()\n" for n in range(5))
    other = "\n\ndef g() -> None:\n    # R228/79: due.\n    print()\n"
    claim = '\n\n@pytest.mark.clause("R228/79")\ndef test_due() -> None: ...\n'
    tree = make_tree(**{"src/senim/limit.py": CODE + more + other, "tests/functional/test_limit.py": DOOR + claim})
    assert len(claims(tree)) == 7
    chosen = sample(tree, claims(tree), 2)
    assert {claim.citation.number for claim in chosen} == {NUMBER, "R228/79"}
    assert sample(tree, claims(tree), 2) == chosen


def test_a_docstring_is_no_check_to_take_out(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree(
        **{"src/senim/limit.py": CODE.replace('"""A limit."""', f'"""A limit.\n\nClauses: {NUMBER}.\n"""')}
    )
    assert [claim.citation.at_check for claim in claims(tree)] == [True]


def test_other_code_than_the_copys_is_refused(make_tree: Callable[..., Tree]) -> None:
    tree = make_tree()
    (tree.root / "src/senim/__init__.py").unlink()
    (tree.root / "src/senim/limit.py").unlink()
    (tree.root / "src/senim").rmdir()
    with pytest.raises(WrongCode), copy_of(tree):
        pass
