"""What is mutated in a function that decides: comparisons, conditions, constants, and what it returns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from contract_strength.ast_mutations import Change, SourceTree

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
FUNCTIONS = {"any": "all", "all": "any", "min": "max", "max": "min"}
CODE = re.compile(r"[a-z][a-zA-Z_]*( [a-z]+)?")
"""A text that a program compares, such as an outcome; sentences for people are left as they are."""


def decision_changes(source: SourceTree) -> Iterator[Change]:
    """Yield the changes of a module's functions; annotations, docstrings and texts for people stay."""
    for node in source.nodes():
        if _is_in_function(source, node) and not _is_annotation(source, node):
            yield from _changes(source, node)


def _changes(source: SourceTree, node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        yield from _comparison_changes(node)
    elif isinstance(node, ast.BoolOp):
        yield Change("condition", node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield Change("arithmetic", node, "op", ast.UAdd())
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield Change("condition", node, "test", _negation(node.test))
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield Change("condition", node, "ifs", [_negation(node.ifs[0]), *node.ifs[1:]])
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield Change("arithmetic", node, "op", OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Name) and node.id in FUNCTIONS:
        yield Change("function", node, "id", FUNCTIONS[node.id])
    elif isinstance(node, ast.Return) and not _is_none(node.value):
        yield Change("return value", node, "value", ast.Constant(None))
    elif isinstance(node, ast.Constant):
        yield from _constant_changes(source, node)


def _comparison_changes(node: ast.Compare) -> Iterator[Change]:
    for index, operator in enumerate(node.ops):
        changed: list[ast.cmpop] = list(node.ops)
        changed[index] = COMPARISONS[type(operator)]()
        yield Change("comparison", node, "ops", changed)


def _constant_changes(source: SourceTree, node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield Change("constant", node, "value", not value)
    elif isinstance(value, int):
        yield Change("constant", node, "value", value + 1)
    elif (
        isinstance(value, str)
        and CODE.fullmatch(value)
        and not isinstance(source.parent(node), ast.Expr | ast.JoinedStr)
    ):
        yield Change("constant", node, "value", f"{value}x")


def _negation(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _is_in_function(source: SourceTree, node: ast.AST) -> bool:
    return any(
        isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for item in source.ancestors(node)
    )


def _is_annotation(source: SourceTree, node: ast.AST) -> bool:
    """Return whether a node belongs to a type, as in `x: int | None` or `-> bool`."""
    child = node
    for item in source.ancestors(node):
        if child in (getattr(item, "annotation", None), getattr(item, "returns", None)):
            return True
        child = item
    return False
