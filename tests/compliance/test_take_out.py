"""Each rule takes out the check under the comment and leaves the rest alone."""

import ast
from textwrap import dedent

import pytest

from senim.compliance.mutants.take_out import NoRule, take_out

HERE = "# the law: demanded."


def without(source: str) -> tuple[str, str]:
    source = dedent(source).strip("\n")
    line = next(number for number, text in enumerate(source.splitlines(), start=1) if HERE in text)
    mutant = take_out(source, line)
    return mutant.source, mutant.what


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (f"{HERE}\nif bad:\n    raise Refused\ngo()", "if False:\n    raise Refused\ngo()"),
        (f"{HERE}\nif good:\n    go()\nelse:\n    raise Refused", "if True:\n    go()\nelse:\n    raise Refused"),
        (f"{HERE}\nraise_if_bad(x)\ngo()", "pass\ngo()"),
        (f"{HERE}\nassert good\ngo()", "pass\ngo()"),
        (f"if bad:\n    {HERE}\n    raise Refused", "if bad:\n    pass"),
        (f"{HERE}\nfor check in checks:\n    check()", "pass"),
        (f"{HERE}\nwith locked():\n    go()", "go()"),
        (f"{HERE}\ntry:\n    go()\nexcept Odd:\n    stop()", "go()"),
        (f"{HERE}\ncontext.minimum = 12", "pass"),
        (f"{HERE}\nlate = today > due", "late = not today > due"),
        (f"{HERE}\nlimit = figure()", "limit = None"),
        (f"class A:\n    {HERE}\n    x = 1\n    y = 2", "class A:\n    pass\n    y = 2"),
        (f"def f():\n    {HERE}\n    return a == b", "def f():\n    return not a == b"),
        (f"def f():\n    {HERE}\n    return True", "def f():\n    return False"),
        (f"def f():\n    {HERE}\n    return make()", "def f():\n    return None"),
        (f"{HERE}\n@guarded\n@cached\ndef f():\n    go()", "@cached\ndef f():\n    go()"),
        (f"@guarded\n{HERE}\n@cached\ndef f():\n    go()", "@guarded\ndef f():\n    go()"),
        (f"{HERE}\ndef f():\n    go()\n    stop()", "def f():\n    return None"),
        (f"call(\n    a=1,\n    {HERE}\n    b=2,\n)", "call(a=1)"),
        (f"x = {{\n    1: 2,\n    {HERE}\n    3: 4,\n}}", "x = {1: 2}"),
        (f"x = [\n    1,\n    {HERE}\n    2,\n]", "x = [1]"),
        (f"x = (\n    a\n    {HERE}\n    and b\n)", "x = a and a"),
        (f"x = (\n    a\n    {HERE}\n    and b\n    and c\n)", "x = a and c"),
        (f"go()\nstop()  {HERE}", "go()\npass"),
        (f"{HERE}\n# NOTE: more is said.\nstop()", "pass"),
    ],
)
def test_the_check_is_gone_and_nothing_else(source: str, left: str) -> None:
    assert ast.dump(ast.parse(without(source)[0])) == ast.dump(ast.parse(left))


def test_what_was_taken_out_is_told_as_it_stood() -> None:
    assert without(f"{HERE}\nif bad:\n    raise Refused")[1] == "if bad:"


@pytest.mark.parametrize(
    "source",
    [
        f"{HERE}\n\ngo()",
        f"go()\n{HERE}",
        f"{HERE}\nimport os",
        f"{HERE}\nclass A:\n    x = 1",
        f"f(\n    {HERE}\n    a,\n)",
    ],
)
def test_where_no_rule_fits_nothing_is_pretended(source: str) -> None:
    with pytest.raises(NoRule):
        without(source)
