"""Taking a check out: the statement right below a citing comment, by rules that anybody can follow.

What stands below decides:

- a condition never holds (or always, where its `else` is the refusal);
- a call, `raise`, `assert`, loop or change of an attribute, an entry or a class's field is gone;
- a truth value that is assigned or returned is turned round, any other is `None`;
- a `with` or `try` leaves its body alone;
- a decorator is gone; a function without one returns at once;
- a keyword argument, an entry of a table or an operand of `and`/`or` is gone.

Anything else has no rule and is said to have none. The mutated source is written anew from its syntax tree, so it loses
comments and layout, nothing else.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

_REFUSALS = (ast.Raise, ast.Return, ast.Continue, ast.Break)
_TRUTHS = (ast.Compare, ast.BoolOp)


class NoRule(ValueError):
    """No rule says how to take out what stands below the comment, or nothing stands there."""


@dataclass(frozen=True)
class Mutant:
    """A source with one check taken out."""

    source: str
    what: str
    """The first line of what was taken out."""


def take_out(source: str, comment: int) -> Mutant:
    """`source` without the check under the comment at line `comment` (from 1). Raises `NoRule`."""
    lines = source.splitlines()
    line = _line_below(lines, comment)
    module = ast.parse(source)
    if not (_statement(module, line) or _part(module, line)):
        raise NoRule(f"no rule takes out: {lines[line - 1].strip()}")
    return Mutant(ast.unparse(ast.fix_missing_locations(module)) + "\n", lines[line - 1].strip())


def _line_below(lines: list[str], comment: int) -> int:
    """The line that the comment speaks of: its own where code stands before it, else the next that is no comment."""
    if not lines[comment - 1].lstrip().startswith("#"):
        return comment
    for number, text in enumerate(lines[comment:], start=comment + 1):
        if not text.strip():
            break
        if not text.lstrip().startswith("#"):
            return number
    raise NoRule("no check stands right below the comment")


def _statement(module: ast.Module, line: int) -> bool:
    """Take out the statement that begins at `line`. False where none does or no rule fits."""
    for owner in ast.walk(module):
        for body in _bodies(owner):
            for index, node in enumerate(body):
                if line in _lines(node):
                    put = _instead(node, owner, line)
                    if put is not None:
                        body[index : index + 1] = put
                    return put is not None
    return False


def _bodies(owner: ast.AST) -> list[list[ast.stmt]]:
    lists = (getattr(owner, name, None) for name in ("body", "orelse", "finalbody"))
    return [body for body in lists if isinstance(body, list)]


def _lines(node: ast.stmt) -> set[int]:
    """The lines at which a comment would speak of this statement: its own and those of its decorators."""
    return {node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))}


def _instead(node: ast.stmt, owner: ast.AST, line: int) -> list[ast.stmt] | None:
    """What stands in the place of `node` once its check is gone; None where no rule fits."""
    put: list[ast.stmt] | None = [node]
    match node:
        case ast.If():
            node.test = ast.Constant(value=_refuses(node.orelse) and not _refuses(node.body))
        case ast.Return():
            node.value = _turned(node.value)
        case ast.Expr() | ast.Raise() | ast.Assert() | ast.For() | ast.AsyncFor() | ast.While() | ast.AugAssign():
            put = [ast.Pass()]
        case ast.With() | ast.AsyncWith():
            put = node.body
        case ast.Try():
            put = [*node.body, *node.orelse, *node.finalbody]
        case ast.Assign() | ast.AnnAssign():
            put = _assignment(node, owner)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            put = _definition(node, line)
        case _:
            put = None
    return put


def _refuses(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], _REFUSALS)


def _turned(value: ast.expr | None) -> ast.expr:
    if isinstance(value, _TRUTHS) or (isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)):
        return ast.UnaryOp(op=ast.Not(), operand=value)
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return ast.Constant(value=not value.value)
    return ast.Constant(value=None)


def _assignment(node: ast.Assign | ast.AnnAssign, owner: ast.AST) -> list[ast.stmt]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if isinstance(owner, ast.ClassDef) or not any(isinstance(target, ast.Name | ast.Tuple) for target in targets):
        return [ast.Pass()]
    node.value = _turned(node.value)
    return [node]


def _definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, line: int) -> list[ast.stmt] | None:
    below = [decorator for decorator in node.decorator_list if decorator.lineno == line]
    if below:
        node.decorator_list.remove(below[0])
        return [node]
    if isinstance(node, ast.ClassDef):
        return None
    node.body = [ast.Return(value=ast.Constant(value=None))]
    return [node]


def _part(module: ast.Module, line: int) -> bool:
    """Take out the keyword, entry or operand that begins at `line`, inside a longer statement."""
    for owner in ast.walk(module):
        match owner:
            case ast.Call() | ast.List() | ast.Tuple() | ast.Set():
                parts = owner.keywords if isinstance(owner, ast.Call) else owner.elts
                place = _at(parts, line)
                if place is not None:
                    del parts[place]
                    return True
            case ast.Dict(keys=keys, values=values):
                place = _at([key or value for key, value in zip(keys, values, strict=True)], line)
                if place is not None:
                    del keys[place], values[place]
                    return True
            case ast.BoolOp(values=operands):
                place = _at(operands, line)
                if place is not None:
                    del operands[place]
                    if len(operands) == 1:
                        operands.append(operands[0])  # `a and a`: the tree needs two, the meaning one
                    return True
    return False


def _at(parts: Sequence[ast.expr | ast.keyword], line: int) -> int | None:
    return next((index for index, part in enumerate(parts) if part.lineno == line), None)
