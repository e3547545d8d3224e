"""Mutations of Python source by its syntax tree: found once, applied one at a time, without a change of any file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Change:
    """A new value of one attribute of one node, and its kind."""

    kind: str
    node: ast.AST
    attribute: str
    value: Any


@dataclass(frozen=True, slots=True)
class SourceMutant:
    """A module with one change.

    Attributes:
        module: its dotted name.
        scope: the class and function that contain the change.
        lines: the first and the last line of the changed statement in the original file.
        is_import_time: whether the changed code runs when the module is imported.
        before: the changed line or expression.
        source: the whole changed module.
    """

    module: str
    scope: str
    kind: str
    lines: tuple[int, int]
    is_import_time: bool
    before: str
    after: str
    source: str

    @property
    def line(self) -> int:
        """The first line of the changed statement."""
        return self.lines[0]


class SourceTree:
    """The syntax tree of a module, with the parent of each node."""

    def __init__(self, module: str, path: Path) -> None:
        self.module = module
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self._parents: dict[ast.AST, ast.AST] = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    def nodes(self) -> Iterator[ast.AST]:
        """Yield every node."""
        yield from ast.walk(self.tree)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the parent of a node, its parent, and so on."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the parent of a node."""
        return self._parents.get(node)

    def apply(self, change: Change) -> SourceMutant:
        """Return the module with a change; the tree stays as it is."""
        statement = self._statement(change.node)
        before = ast.unparse(change.node)
        old = getattr(change.node, change.attribute)
        setattr(change.node, change.attribute, change.value)
        try:
            source = ast.unparse(ast.fix_missing_locations(self.tree))
            after = ast.unparse(change.node)
        finally:
            setattr(change.node, change.attribute, old)
        scopes = [
            node
            for node in self.ancestors(change.node)
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        is_import_time = not any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in scopes)
        return SourceMutant(
            module=self.module,
            scope=".".join(node.name for node in reversed(scopes)),
            kind=change.kind,
            lines=(statement.lineno, self._last_line(statement)),
            is_import_time=is_import_time,
            before=_shorten(before),
            after=_shorten(after),
            source=source,
        )

    def _statement(self, node: ast.AST) -> ast.stmt:
        while not isinstance(node, ast.stmt):
            node = self._parents[node]
        return node

    def _last_line(self, statement: ast.stmt) -> int:
        """Return the last line of a statement, of one with a body the last one before that."""
        body = getattr(statement, "body", None)
        last = statement.end_lineno or statement.lineno
        return max(statement.lineno, body[0].lineno - 1) if isinstance(body, list) and body else last


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"
