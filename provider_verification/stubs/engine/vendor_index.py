"""What a vendor has: its operations, query parameters and body fields by name, whether the stub models them or not.

`index.json` is derived from the vendor's own specs (`make conformance` compares them); `documented.json` is written by hand
for what no spec describes. Both map `METHOD /path` to `{"query": [names], "headers": [names], "body": tree of names}`;
`documented.json` has `headers` of all operations, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.errors import ContractError
from provider_verification.stubs.engine.field_names import FieldTree
from provider_verification.stubs.engine.path_template import compile_path, operation_key

INDEX_FILE, DOCUMENTED_FILE = "index.json", "documented.json"


@dataclass(frozen=True, slots=True)
class VendorOperation:
    """One method on one path of the vendor.

    Attributes:
        name: method and path template, as in the index.
        key: the name without the names of path parameters.
        pattern: matches its paths.
        query: the names of its query parameters.
        headers: the names of its own request headers in lower case, as far as they are known.
        body: the names of its body's fields; None if the vendor does not describe them.
    """

    name: str
    key: str
    pattern: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]
    body: FieldTree

    def merged(self, other: VendorOperation) -> VendorOperation:
        """Return the operation with the names of another description of it as well."""
        body = add_fields(self.body, other.body)
        return replace(self, query=self.query | other.query, headers=self.headers | other.headers, body=body)


def add_fields(fields: FieldTree, more: FieldTree) -> FieldTree:
    """Return the fields of two descriptions of an object; None if neither describes it."""
    if fields is None or more is None:
        return more if fields is None else fields
    common = {name: add_fields(fields[name], more[name]) for name in fields.keys() & more.keys()}
    return {**fields, **more, **common}


class VendorIndex:
    """All operations of a vendor, as far as its specs and documentation name them.

    Args:
        folder: the vendor's schemas; without the files of an index the vendor has nothing but what the stub models.

    Raises:
        ContractError: a file is not an index.
    """

    def __init__(self, folder: Path) -> None:
        documented = _read(folder / DOCUMENTED_FILE)
        documents = (_read(folder / INDEX_FILE), documented.get("operations", {}))
        self._headers = frozenset(documented.get("headers", ()))
        operations: dict[str, VendorOperation] = {}
        for name, entry in (item for document in documents for item in document.items()):
            operation = _operation(name, entry)
            earlier = operations.get(operation.key)
            operations[operation.key] = earlier.merged(operation) if earlier else operation
        # Literal paths come before those with parameters, as in the stub itself.
        self._operations = dict(sorted(operations.items(), key=lambda item: item[0].count("{")))

    def find(self, method: str, template: str) -> VendorOperation | None:
        """Return the operation with a method and path template, whatever its parameters are called, or None."""
        return self._operations.get(operation_key(method, template))

    def match(self, method: str, path: str) -> VendorOperation | None:
        """Return the operation of a method and path, or None."""
        prefix = f"{method} "
        return next(
            (
                operation
                for key, operation in self._operations.items()
                if key.startswith(prefix) and operation.pattern.fullmatch(path)
            ),
            None,
        )

    def headers_of(self, method: str, template: str) -> frozenset[str]:
        """Return the vendor's own request headers of an operation, in lower case."""
        operation = self.find(method, template)
        return self._headers | operation.headers if operation else self._headers

    def has_path(self, path: str) -> bool:
        """Return whether the path has an operation, whatever its method."""
        return any(operation.pattern.fullmatch(path) for operation in self._operations.values())


def _operation(name: str, entry: Mapping[str, Any]) -> VendorOperation:
    method, _, template = name.partition(" ")
    return VendorOperation(
        name,
        operation_key(method, template),
        compile_path(template),
        frozenset(entry.get("query", ())),
        frozenset(entry.get("headers", ())),
        entry.get("body"),
    )


def _read(file: Path) -> Mapping[str, Any]:
    if not file.exists():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ContractError(f"{file} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ContractError(f"{file} should contain an object of operations")
    return content
