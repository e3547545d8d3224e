"""The names in a request that the stub does not model: those that the vendor has, and those that it ignores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

from provider_verification.stubs.engine.field_names import FieldTree, find_unlisted
from provider_verification.stubs.engine.openapi import Operation
from provider_verification.stubs.engine.vendor_index import VendorIndex, VendorOperation
from provider_verification.stubs.sdk import NotModelled, ValidationIssue, dotted_path

MAX_UNLISTED_FIELDS = 20
NOUN_BY_LOCATION = {"query": "query parameter", "body": "body field"}


@dataclass(frozen=True, slots=True)
class RequestNames:
    """The names that a request of an operation may use.

    Attributes:
        operation: the operation of the schemas.
        query: the names of the query parameters in the schemas.
        vendor: the vendor's operation; None if no index has it.
        harmless: locations that the vendor has, the stub lacks and that change nothing in its response, without the
            indexes of lists: `query.languages`, `body.reservations.comment`.
    """

    operation: Operation
    query: frozenset[str]
    vendor: VendorOperation | None
    harmless: frozenset[str]

    def find_ignored(self, query: Iterable[str], body: Any) -> list[ValidationIssue]:
        """Return the names that the vendor ignores, because it has no such parameter or field.

        Raises:
            NotModelled: the vendor has one of the names, and the stub lacks it.
        """
        issues = []
        for name in query:
            if name not in self.query:
                issues += self._issue(("query", name), is_vendors=self._has_parameter(name))
        if isinstance(body, dict | list):
            fields: FieldTree = self.vendor.body if self.vendor else {}
            for location, is_vendors in islice(
                find_unlisted(body, self.operation.fields, fields), MAX_UNLISTED_FIELDS
            ):
                issues += self._issue(location, is_vendors=is_vendors)
        return issues

    def _has_parameter(self, name: str) -> bool:
        return self.vendor is not None and name in self.vendor.query

    def _issue(self, location: tuple[str | int, ...], *, is_vendors: bool) -> list[ValidationIssue]:
        if not is_vendors:
            noun = "parameter" if location[0] == "query" else "field"
            message = f"{self.operation.operation_id} has no such {noun}"
            return [ValidationIssue(location, "unknown", message, self.operation.schema_pointer)]
        path = dotted_path(part for part in location if isinstance(part, str))
        if path not in self.harmless:
            _raise_not_modelled(self.operation, location)
        return []


def _raise_not_modelled(operation: Operation, location: tuple[str | int, ...]) -> NoReturn:
    name = dotted_path(location[1:])
    raise NotModelled(
        f"the {NOUN_BY_LOCATION[str(location[0])]} '{name}' of {operation.operation_id}",
        location,
        operation.schema_pointer,
    )


def names_by_operation(
    operations: Iterable[Operation], index: VendorIndex, harmless: Mapping[str, frozenset[str]]
) -> dict[str, RequestNames]:
    """Return the names of every operation by its id.

    Args:
        operations: those of the schemas.
        index: what the vendor has.
        harmless: what the stub declares harmless, by operation id.
    """
    return {
        operation.operation_id: RequestNames(
            operation,
            frozenset(parameter.name for parameter in operation.parameters if parameter.location == "query"),
            index.find(operation.method, operation.path_template),
            harmless.get(operation.operation_id, frozenset()),
        )
        for operation in operations
    }
