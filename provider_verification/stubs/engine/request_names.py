"""The names in a request that the stub does not model: those that the vendor has, and those that it ignores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from provider_verification.stubs.engine.field_names import FieldTree, find_unlisted
from provider_verification.stubs.engine.header_names import find_misspelled_headers
from provider_verification.stubs.engine.openapi import OpenApiContract, Operation
from provider_verification.stubs.engine.sent_request import WEBSOCKET_METHOD
from provider_verification.stubs.engine.vendor_index import VendorIndex, VendorOperation
from provider_verification.stubs.sdk import NotModelled, ValidationIssue, WebSocketRoute, dotted_path

MAX_UNLISTED_FIELDS = 20
NOUN_BY_LOCATION = {"query": "query parameter", "body": "body field", "message": "message field"}
KIND_BY_LOCATION = {"query": "unknown_parameter", "body": "unknown_field", "message": "unknown_field"}
"""The kind of violation for a name that the vendor ignores."""


@dataclass(frozen=True, slots=True)
class RequestNames:
    """The names that a request of an operation, or the messages of a WebSocket, may use.

    Attributes:
        operation: the operation's name.
        schema_pointer: where the schemas describe it.
        query: the names of the query parameters that the stub models.
        fields: the fields of the body, or of the messages, that the stub models.
        headers: the vendor's own headers in lower case.
        vendor: the vendor's operation; None if no index has it.
        harmless: locations that the vendor has, the stub lacks and that change nothing in its response, without the
            indexes of lists: `query.languages`, `body.reservations.comment`.
    """

    operation: str
    schema_pointer: str
    query: frozenset[str]
    fields: FieldTree
    headers: frozenset[str]
    vendor: VendorOperation | None
    harmless: frozenset[str]

    def find_ignored(
        self, query: Iterable[str], body: Any, place: Literal["body", "message"] = "body"
    ) -> list[ValidationIssue]:
        """Return the names that the vendor ignores, because it has no such parameter or field.

        Args:
            query: the names of the query parameters.
            body: a body or a message.
            place: which of the two it is.

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
                find_unlisted(body, self.fields, fields, (place,)), MAX_UNLISTED_FIELDS
            ):
                issues += self._issue(location, is_vendors=is_vendors)
        return issues

    def find_misspelled_headers(self, sent: Iterable[str]) -> list[ValidationIssue]:
        """Return the headers whose name is almost that of one of the vendor's, which does not read them."""
        return [
            ValidationIssue(
                ("header", name),
                "misspelled_header",
                f"is probably meant to be {meant}: the vendor does not read it",
                self.schema_pointer,
            )
            for name, meant in find_misspelled_headers(sent, self.headers)
        ]

    def _has_parameter(self, name: str) -> bool:
        return self.vendor is not None and name in self.vendor.query

    def _issue(self, location: tuple[str | int, ...], *, is_vendors: bool) -> list[ValidationIssue]:
        if not is_vendors:
            noun = "parameter" if location[0] == "query" else "field"
            message = f"{self.operation} has no such {noun}"
            return [ValidationIssue(location, "unknown", message, self.schema_pointer)]
        path = dotted_path(part for part in location if isinstance(part, str))
        if path not in self.harmless:
            what = (
                f"the {NOUN_BY_LOCATION[str(location[0])]} '{dotted_path(location[1:])}' of {self.operation}"
            )
            raise NotModelled(what, location, self.schema_pointer)
        return []


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
            operation.operation_id,
            operation.schema_pointer,
            frozenset(parameter.name for parameter in operation.parameters if parameter.location == "query"),
            operation.fields,
            index.headers_of(operation.method, operation.path_template)
            | {parameter.name for parameter in operation.parameters if parameter.location == "header"},
            index.find(operation.method, operation.path_template),
            harmless.get(operation.operation_id, frozenset()),
        )
        for operation in operations
    }


def names_of_websocket(
    path: str, route: WebSocketRoute, contract: OpenApiContract, index: VendorIndex
) -> RequestNames:
    """Return the names that a WebSocket's handshake and messages may use; a field of any message may be in each.

    Args:
        path: its path template.
        route: how it is served.
        contract: has the schemas of its messages.
        index: what the vendor has.
    """
    return RequestNames(
        route.name,
        f"schemas/{contract.folder.name}/{route.messages}",
        route.query,
        contract.message_fields(route.messages, route.client_messages),
        index.headers_of(WEBSOCKET_METHOD, path),
        index.find(WEBSOCKET_METHOD, path),
        frozenset(),
    )
