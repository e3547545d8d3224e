"""What is mutated in a vendor's client: what it sends, what it reads, and which errors it makes of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from contract_strength.ast_mutations import Change, SourceTree
from orchestrator.vendors import errors

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "LIST")
MODEL_BASES = re.compile(r"Model$|Request$")
ERROR_NAMES = frozenset(name for name, value in vars(errors).items() if isinstance(value, type))
REMOTE_NAME = re.compile(r"^[A-Z][a-z]+[A-Za-z]*$|^[a-z]+/[a-zA-Z/0-9-]+$")
"""The name of a remote method or operation, unlike the text of a metric's label."""


def client_changes(source: SourceTree) -> Iterator[Change]:
    """Yield the changes of a client's module."""
    for node in source.nodes():
        if isinstance(node, ast.Constant) and not _is_ignored(source, node):
            yield from _constant_changes(source, node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield from _field_changes(source, node)
        elif isinstance(node, ast.Name) and node.id in ERROR_NAMES and _chooses_error(source, node):
            yield Change("error mapping", node, "id", "RuntimeError")
        elif isinstance(node, ast.Call):
            yield from _keyword_changes(node)


def _is_ignored(source: SourceTree, node: ast.Constant) -> bool:
    """Return whether a constant is a docstring, an annotation, or the label of a metric."""
    parent = source.parent(node)
    if isinstance(parent, ast.Expr) or any(isinstance(item, ast.Raise) for item in source.ancestors(node)):
        return True
    if isinstance(parent, ast.keyword) and parent.arg in {
        "operation",
        "vendor",
        "safe",
        "encoding",
        "frozen",
    }:
        return True
    return any(
        isinstance(item, ast.arg) or (isinstance(item, ast.AnnAssign) and _within(node, item.annotation))
        for item in source.ancestors(node)
    )


def _within(node: ast.AST, tree: ast.AST) -> bool:
    return any(item is node for item in ast.walk(tree))


def _constant_changes(source: SourceTree, node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, str) and (kind := _text_kind(source, node, value)):
        other = next(name for name in METHODS if name != value) if kind == "method" else f"{value}x"
        yield Change(kind, node, "value", other)
    elif isinstance(value, bool):
        if _is_content(source, node):
            yield Change("body field", node, "value", not value)
    elif isinstance(value, int) and 100 <= value <= 599 and _compares_status(source, node):
        yield Change("error mapping", node, "value", value + 1)


def _text_kind(source: SourceTree, node: ast.Constant, value: str) -> str | None:
    """Return what a text is for, None if no request and no response contains it."""
    if value in METHODS:
        return "method"
    match source.parent(node):
        case ast.JoinedStr(values=[first, *_]):
            is_path = isinstance(first, ast.Constant) and str(first.value).startswith("/")
            kind = "path" if is_path else "header" if "header" in _holder(source, node) else None
        case _ if value.startswith("/"):
            kind = "path"
        case ast.Dict():
            kind = _content_kind(source, node)
        case ast.Subscript(ctx=context):
            kind = "body field" if isinstance(context, ast.Store) else "parsing"
        case ast.Compare():
            kind = "error mapping" if source.module.endswith("errors") else "parsing"
        case ast.Call() as call if node in call.args:
            kind = _argument_kind(call, value)
        case _:
            kind = None
    return kind


def _argument_kind(call: ast.Call, value: str) -> str | None:
    function = ast.unparse(call.func)
    if "header" in function.lower():
        return "header"
    if function.startswith("self._") and REMOTE_NAME.match(value):
        return "path"
    return "parsing" if function.endswith((".get", ".pop")) and not function.startswith("self._") else None


def _holder(source: SourceTree, node: ast.AST) -> str:
    """Return the name of the keyword or variable that holds a value, in lower case."""
    for item in source.ancestors(node):
        if isinstance(item, ast.keyword) and item.arg:
            return item.arg.lower()
        if isinstance(item, ast.Assign):
            return ast.unparse(item.targets[0]).lower()
        if isinstance(item, ast.AnnAssign):
            return ast.unparse(item.target).lower()
        if isinstance(item, ast.stmt):
            return "get_page" if "get_page" in ast.unparse(item) else ""
    return ""


def _content_kind(source: SourceTree, node: ast.AST) -> str:
    holder = _holder(source, node)
    if "header" in holder:
        return "header"
    return "query parameter" if holder in {"query", "params", "get_page"} else "body field"


def _is_content(source: SourceTree, node: ast.AST) -> bool:
    return isinstance(source.parent(node), ast.Dict)


def _compares_status(source: SourceTree, node: ast.AST) -> bool:
    for item in source.ancestors(node):
        if isinstance(item, ast.keyword):
            return "status" in (item.arg or "")
        if isinstance(item, ast.Compare | ast.Dict | ast.match_case):
            return True
        if isinstance(item, ast.stmt):
            return "STATUS" in ast.unparse(item)
    return False


def _chooses_error(source: SourceTree, node: ast.Name) -> bool:
    """Return whether the name of an error class decides which error the caller gets."""
    for item in source.ancestors(node):
        if isinstance(item, ast.Raise | ast.ExceptHandler | ast.Dict | ast.Return):
            return not isinstance(item, ast.ExceptHandler) or (
                item.type is not None and _within(node, item.type)
            )
        if isinstance(item, ast.stmt):
            return False
    return False


def _keyword_changes(call: ast.Call) -> Iterator[Change]:
    """Yield a misspelled name of each query parameter that is passed as a keyword argument."""
    if ast.unparse(call.func) == "self._client.get":
        for keyword in call.keywords:
            if keyword.arg:
                yield Change("query parameter", keyword, "arg", f"{keyword.arg}X")


def _field_changes(source: SourceTree, node: ast.AnnAssign) -> Iterator[Change]:
    """Yield another alias of a model's field: the field that is read from, or written to, a body."""
    owner = source.parent(node)
    if not isinstance(owner, ast.ClassDef) or not _is_model(owner) or not isinstance(node.target, ast.Name):
        return
    field = ast.parse("__import__('pydantic').Field()", mode="eval").body
    assert isinstance(field, ast.Call)  # noqa: S101 - it is one by the line above
    if isinstance(node.value, ast.Call):
        field.args = node.value.args
        field.keywords = [item for item in node.value.keywords if item.arg != "alias"]
    elif node.value is not None:
        field.keywords = [ast.keyword("default", node.value)]
    field.keywords = [*field.keywords, ast.keyword("alias", ast.Constant(f"{node.target.id}Mutated"))]
    yield Change("parsing", node, "value", field)


def _is_model(node: ast.ClassDef) -> bool:
    return any(MODEL_BASES.search(ast.unparse(base)) or _is_local(base) for base in node.bases)


def _is_local(base: ast.expr) -> bool:
    """Return whether a class inherits from a model of its own module, such as `Reservation`."""
    return (
        isinstance(base, ast.Name)
        and base.id[:1].isupper()
        and base.id not in ERROR_NAMES | {"Exception", "Protocol"}
    )
